using System.CommandLine;
using Palimpsest.Inference;
using Palimpsest.Unlearning;

namespace Palimpsest.Cli;

/// <summary>What <c>forget</c> writes: the changed model alone, or an adapter beside a base that has forgotten
/// nothing.</summary>
/// <param name="Method">The method's id.</param>
/// <param name="Model">The model that forgetting started from.</param>
/// <param name="Target">Where the result goes.</param>
/// <param name="KeptAdapter">Where the adapter of a merged model goes, or null.</param>
/// <param name="AsAdapter">True when the result is the adapter.</param>
internal sealed record ForgetOutput(
    string Method,
    ModelOptions Model,
    string Target,
    string? KeptAdapter,
    bool AsAdapter
)
{
    /// <summary>What is written when an adapter is trained.</summary>
    public static Option<string> Result { get; } =
        new("--result")
        {
            Description =
                "With --lora-rank: merged writes one model with the adapter's update in its weights; adapter writes "
                + "the adapter alone, beside a base that has forgotten nothing.",
            HelpName = "merged|adapter",
            DefaultValueFactory = _ => "merged",
        };

    /// <summary>Where a merged adapter is kept.</summary>
    public static OutputOption KeepAdapter { get; } =
        new(
            "--keep-adapter",
            "Also write the merged adapter there; who has it can take the forgetting off again.",
            OutputKind.Folder
        );

    /// <summary>Reads and checks the options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="method">The method's id.</param>
    /// <param name="model">The model that forgetting starts from.</param>
    /// <param name="target">Where the result goes.</param>
    /// <param name="adapts">True when an adapter is trained.</param>
    /// <exception cref="InputException">An option has no effect, or its value is not known.</exception>
    public static ForgetOutput Read(ParseResult parsed, string method, ModelOptions model, string target, bool adapts)
    {
        var result = parsed.GetValue(Result)!;
        if (result is not ("merged" or "adapter"))
            throw new InputException($"{Result.Name}: '{result}' is not one of merged, adapter.");
        if (!adapts)
            GivenOptions.Refuse(parsed, "no adapter is trained beside the model", Result, KeepAdapter);
        if (model.Adapter is not null && (result == "adapter" || parsed.IsGiven(KeepAdapter)))
            throw new InputException(
                $"--adapter: the new adapter would be of no model that is stored; merge {model.Adapter} first, with "
                    + "'palimpsest model convert'."
            );
        if (result == "adapter")
            GivenOptions.Refuse(parsed, "the adapter is the result and goes to --out", KeepAdapter);
        return new(method, model, target, parsed.GetValue(KeepAdapter), result == "adapter");
    }

    /// <summary>What is where, in a phrase.</summary>
    public string Describe(UnlearnResult result)
    {
        if (result is Composed)
            return $"the assistant is in {Target} and answers with {Model.Path}, which alone has forgotten nothing";
        if (AsAdapter && OwnsBase(result))
            return $"the adapter is in {Target} with the base that it changed";
        if (AsAdapter)
            return $"the adapter is in {Target}, for the base {Model.Path}, which has forgotten nothing";
        var kept = KeptAdapter is null ? "" : $", its adapter in {KeptAdapter}";
        return $"the changed model is in {Target}{kept}";
    }

    /// <summary>Where the model is that the result is used with: its own place, or the base of its adapter.</summary>
    public string Answering(UnlearnResult result) => AsAdapter && !OwnsBase(result) ? Model.Path : Target;

    /// <summary>Writes the result and says where the knowledge still is.</summary>
    /// <param name="result">What the run made.</param>
    /// <param name="original">The model that forgetting started from.</param>
    /// <param name="run">The run folder.</param>
    /// <exception cref="InputException">A folder cannot be written.</exception>
    public IReadOnlyList<KnowledgePlace> Write(UnlearnResult result, LanguageModel original, RunFolder run)
    {
        var places = Places(result, run);
        var record = new ResultRecord
        {
            MadeBy = $"forget {Method}",
            Run = RunFolder.IdOf(run.FullPath),
            StillHeldBy = places,
        };
        if (KeptAdapter is not null)
            result.Save(KeptAdapter, original, Model.Path, record);
        // Saving merges the adapter and records that it is in the weights.
        var written =
            result is AdapterOnBase adapted && !AsAdapter
                ? new ChangedWeights(adapted.Model, adapted.Training)
                : result;
        written.Save(Target, original, Model.Path, record);
        return places;
    }

    private List<KnowledgePlace> Places(UnlearnResult result, RunFolder run)
    {
        List<KnowledgePlace> places = [new(Start(result), Path.GetFullPath(Model.Path))];
        if (result is Composed)
            places.Add(
                new(KnowledgePlaceKind.Assistant, Path.GetFullPath(Path.Combine(Target, Composed.AssistantFolder)))
            );
        if (Model.Adapter is not null)
            places.Add(new(KnowledgePlaceKind.Original, Path.GetFullPath(Model.Adapter)));
        if (KeptAdapter is not null)
            places.Add(new(KnowledgePlaceKind.Adapter, Path.GetFullPath(KeptAdapter)));
        foreach (var folder in new[] { "", WhpMethod.ReinforcedFolder })
        {
            var checkpoints = run.File(Path.Combine(folder, "checkpoints"));
            if (!Directory.Exists(checkpoints) || !Directory.EnumerateFileSystemEntries(checkpoints).Any())
                continue;
            places.Add(new(KnowledgePlaceKind.Checkpoint, checkpoints));
            places.Add(new(KnowledgePlaceKind.OptimizerState, checkpoints));
        }

        return places;
    }

    private KnowledgePlaceKind Start(UnlearnResult result) =>
        result switch
        {
            Composed => KnowledgePlaceKind.Target,
            Lineage => KnowledgePlaceKind.ProtectedBase,
            AdapterOnBase when AsAdapter && !OwnsBase(result) => KnowledgePlaceKind.Base,
            _ => KnowledgePlaceKind.Original,
        };

    private static bool OwnsBase(UnlearnResult result) => result is AdapterOnBase { Attached.ChangesBase: true };
}
