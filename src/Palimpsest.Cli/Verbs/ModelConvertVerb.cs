using System.CommandLine;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest model convert PATH --out DIR</c>: another float type, other shards, adapters merged in.</summary>
internal static class ModelConvertVerb
{
    public static Command Create()
    {
        var path = ModelVerb.Folder("path", "A Hugging Face model folder.");
        var target = CommonOptions.Required("--out", "Where the converted model goes.", "folder");
        var adapters = new Option<string[]>("--adapter") { Description = "A PEFT adapter folder to be merged into the weights; can be repeated.", HelpName = "folder" };
        var command = new Command("convert", "Write a model in another float type or other shards, adapters merged in.") { path };
        command.With(target, adapters);
        var binder = CheckpointBinder.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var session = new Session(parsed);
            var (source, folder, options) = (parsed.GetValue(path)!, parsed.GetValue(target)!, binder.Bind(parsed));
            var info = await session.WithProgressAsync("Converting", progress => Task.Run(() =>
            {
                ModelConverter.Run(source, folder, options, parsed.GetValue(adapters) ?? [], progress, cancellationToken);
                return ModelInfo.Read(folder);
            }, cancellationToken)).ConfigureAwait(false);
            session.Result(info, console => console.Write(WrittenModel.Line(info)));
            return ExitCode.Done;
        });
        return command;
    }
}
