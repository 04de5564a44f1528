using System.CommandLine;
using Palimpsest.Inference;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest model convert PATH --out PATH</c>: another type, other shards, adapters merged in, folder or
/// GGUF file.</summary>
internal static class ModelConvertVerb
{
    public static Command Create()
    {
        var path = ModelVerb.Folder("path", "A Hugging Face model folder or a GGUF file.");
        var target = CommonOptions.Out(
            "Where the converted model goes: a folder, or a GGUF file when it ends in .gguf.",
            OutputKind.FolderOrGguf
        );
        var adapters = new Option<string[]>("--adapter")
        {
            Description = "A PEFT adapter folder to be merged into the weights; can be repeated.",
            HelpName = "folder",
        };
        var command = new Command(
            "convert",
            "Write a model in another type or other shards, as a folder or a GGUF file, adapters merged in."
        )
        {
            path,
        };
        command.With(target, adapters, OutputCheck.Overwrite);
        var binder = CheckpointBinder.AddWithGgufTo(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var session = new Session(parsed);
                var (source, written) = (parsed.GetValue(path)!, parsed.GetValue(target)!);
                string[] merged = parsed.GetValue(adapters) ?? [];
                var toGguf = written.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);
                var (folder, file) = toGguf
                    ? (new CheckpointOptions(), binder.BindGguf(parsed))
                    : (binder.Bind(parsed), new GgufExportOptions());
                void Convert(IProgress<TaskProgress> progress)
                {
                    if (!toGguf && !ModelFiles.IsGguf(source))
                    {
                        OutputFolder.Write(
                            written,
                            place => ModelConverter.Run(source, place, folder, merged, progress, cancellationToken)
                        );
                        return;
                    }

                    using var model = LanguageModel.Load(
                        source,
                        progress: progress,
                        cancellationToken: cancellationToken
                    );
                    foreach (var (place, adapter) in merged.Index())
                        LoraAdapter.Load(model.Decoder, adapter, $"merged-{place}");
                    if (toGguf)
                        model.SaveGguf(written, file, progress, cancellationToken);
                    else
                        OutputFolder.Write(written, place => model.Save(place, options: folder));
                }

                var info = await session
                    .WithProgressAsync(
                        "Converting",
                        progress =>
                            Task.Run(
                                () =>
                                {
                                    Convert(progress);
                                    return ModelInfo.Read(written);
                                },
                                cancellationToken
                            )
                    )
                    .ConfigureAwait(false);
                session.Result(info, console => console.Write(WrittenModel.Line(info)));
                return ExitCode.Done;
            }
        );
        return command;
    }
}
