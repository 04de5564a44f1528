using System.CommandLine;
using Palimpsest.Inference;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest model convert PATH --out PATH</c>: another type, other shards, adapters merged in, folder or
/// GGUF file.</summary>
internal sealed class ModelConvertVerb : Verb
{
    private readonly Argument<string> _path = ModelVerb.Folder("path", "A Hugging Face model folder or a GGUF file.");
    private readonly CheckpointBinder _checkpoint;
    private readonly OutputOption _target = CommonOptions.Out(
        "Where the converted model goes: a folder, or a GGUF file when it ends in .gguf.",
        OutputKind.FolderOrGguf
    );
    private readonly Option<string[]> _adapters = new("--adapter")
    {
        Description = "A PEFT adapter to be merged into the weights: a folder, or ORG/NAME on a hub; can be repeated.",
        HelpName = "folder",
    };

    public ModelConvertVerb()
        : base(
            "convert",
            "Write a model in another type or other shards, as a folder or a GGUF file, adapters merged in.",
            "model convert runs/model --dtype q8_0 --out model.gguf"
        )
    {
        Add(_path);
        this.With(_target, _adapters, OutputCheck.Overwrite);
        _checkpoint = CheckpointBinder.AddWithGgufTo(this);
    }

    protected override async Task<int> RunAsync(
        Session session,
        ParseResult parsed,
        CancellationToken cancellationToken
    )
    {
        var (source, target) = (parsed.GetValue(_path)!, parsed.GetValue(_target)!);
        string[] adapters = parsed.GetValue(_adapters) ?? [];
        var convert = target.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)
            ? ToFile(parsed, source, target, adapters)
            : ToFolder(parsed, source, target, adapters);
        var info = await session
            .WithProgressAsync(
                "Converting",
                progress =>
                    Task.Run(
                        () =>
                        {
                            convert(progress, cancellationToken);
                            return ModelInfo.Read(target);
                        },
                        cancellationToken
                    )
            )
            .ConfigureAwait(false);
        session.Result(info, console => console.Write(WrittenModel.Line(info)));
        return ExitCode.Done;
    }

    private Action<IProgress<TaskProgress>, CancellationToken> ToFile(
        ParseResult parsed,
        string source,
        string target,
        string[] adapters
    )
    {
        var options = _checkpoint.BindGguf(parsed);
        return (progress, cancellationToken) =>
        {
            using var model = Merged(source, adapters, progress, cancellationToken);
            model.SaveGguf(target, options, progress, cancellationToken);
        };
    }

    private Action<IProgress<TaskProgress>, CancellationToken> ToFolder(
        ParseResult parsed,
        string source,
        string target,
        string[] adapters
    )
    {
        var options = _checkpoint.Bind(parsed);
        return (progress, cancellationToken) =>
        {
            if (!ModelFiles.IsGguf(source))
            {
                OutputFolder.Write(
                    target,
                    place => ModelConverter.Run(source, place, options, adapters, progress, cancellationToken)
                );
                return;
            }

            using var model = Merged(source, adapters, progress, cancellationToken);
            OutputFolder.Write(target, place => model.Save(place, options: options));
        };
    }

    private static LanguageModel Merged(
        string source,
        string[] adapters,
        IProgress<TaskProgress> progress,
        CancellationToken cancellationToken
    )
    {
        var model = LanguageModel.Load(source, progress: progress, cancellationToken: cancellationToken);
        foreach (var (place, adapter) in adapters.Index())
            LoraAdapter.Load(model.Decoder, adapter, $"merged-{place}");
        return model;
    }
}
