using System.CommandLine;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest model</c>: looks at model folders and makes new ones, without running a model.</summary>
internal static class ModelVerb
{
    public static Command Create() =>
        new Command("model", "Bring, look at, convert, merge and compare models.")
        {
            ModelGetVerb.Create(),
            ModelInfoVerb.Create(),
            new ModelConvertVerb(),
            ModelMergeVerb.Create(),
            ModelDiffVerb.Create(),
        }.WithExample("model info runs/model");

    /// <summary>An argument that is a folder.</summary>
    internal static Argument<string> Folder(string name, string description) =>
        new PlaceArgument<string>(name) { Description = description };
}
