using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary><c>palimpsest model info PATH</c>: what a model or adapter is, from its JSON files and headers.</summary>
internal static class ModelInfoVerb
{
    public static Command Create()
    {
        var path = ModelVerb.Folder("path", "A Hugging Face model folder, a GGUF file or a PEFT adapter folder.");
        var hash = new Option<bool>("--hash")
        {
            Description =
                "Print the SHA-256 of a file, or of a folder's files as sha256sum prints them and of that list.",
        };
        var command = new Command("info", "Tell what a model is without loading its weights.") { path, hash };
        command.SetAction(parsed =>
        {
            var session = new Session(parsed);
            if (parsed.GetValue(hash))
                Hash(parsed.GetValue(path)!, session);
            else
                Describe(parsed.GetValue(path)!, session);
            return ExitCode.Done;
        });
        return command.WithExample("model info runs/model --hash");
    }

    private static void Hash(string path, Session session)
    {
        var files = Directory.Exists(path) ? ContentHash.Manifest(path) : [];
        var manifest = ContentHash.Text(files);
        var result = new
        {
            Path = Path.GetFullPath(path),
            Sha256 = files.Count == 0 ? ContentHash.Of(path) : ContentHash.OfText(manifest),
            Files = files,
        };
        session.Result(result, _ => session.Output.Write($"{manifest}{new FileHash(path, result.Sha256)}\n"));
    }

    private static void Describe(string path, Session session)
    {
        if (AdapterInfo.IsAdapter(path))
            Print(AdapterInfo.Read(path), session);
        else
            Print(ModelInfo.Read(path), session);
    }

    private static void Print(ModelInfo info, Session session) =>
        session.Result(info, console => console.WriteTable(TableOf(info)));

    private static void Print(AdapterInfo info, Session session) =>
        session.Result(info, console => console.WriteTable(TableOf(info)));

    internal static Table TableOf(ModelInfo info)
    {
        var table = Facts();
        table.AddRow("architecture", Escape($"{info.Architecture} ({info.Family})"));
        table.AddRow(
            "parameters",
            Escape(
                info.Experts is null
                    ? Number(info.Parameters)
                    : $"{Number(info.Parameters)}, {Number(info.ActiveParameters)} of them active for a token"
            )
        );
        foreach (var part in info.Components)
            table.AddRow(
                $"  {part.Component}",
                string.Create(CultureInfo.InvariantCulture, $"{Number(part.Parameters)} ({part.Share:p1})")
            );
        if (info.Experts is { } experts)
            table.AddRow(
                "experts",
                $"{experts.Count} per layer, {experts.PerToken} per token; {Number(experts.ActiveParameters)} "
                    + $"of {Number(experts.Parameters)} active"
            );
        table.AddRow("layers", $"{info.Layers}, width {info.HiddenSize}, MLP {info.IntermediateSize}");
        table.AddRow(
            "attention",
            $"{info.Heads} heads of {info.HeadSize}, {info.KeyValueHeads} for keys and "
                + $"values{(info.SlidingWindow is { } window ? $", window {window}" : "")}"
        );
        table.AddRow("positions", Number(info.Positions));
        table.AddRow("vocabulary", $"{Number(info.Vocabulary)}{(info.TiedHead ? ", head tied to the embedding" : "")}");
        table.AddRow("stored as", Types(info.Types));
        table.AddRow(
            "memory",
            $"{ByteSize.Format(info.Memory.Float32)} as float32, {ByteSize.Format(info.Memory.Float16)} as "
                + $"float16, {ByteSize.Format(info.Memory.Int8)} as int8"
        );
        table.AddRow("tokenizer", Escape(Tokenizer(info.Tokenizer)));
        foreach (var shard in info.Shards)
            table.AddRow("file", Escape($"{shard.File}: {ByteSize.Format(shard.Bytes)}, {shard.Tensors} tensors"));
        return table;
    }

    internal static Table TableOf(AdapterInfo info)
    {
        var table = Facts();
        table.AddRow("adapter", info.Kind);
        table.AddRow("base model", Escape(info.BaseModel ?? "not named"));
        table.AddRow("rank", string.Create(CultureInfo.InvariantCulture, $"{info.Rank}{Patterns(info.RankPattern)}"));
        table.AddRow(
            "alpha",
            string.Create(CultureInfo.InvariantCulture, $"{info.Alpha}{Patterns(info.AlphaPattern)}")
        );
        table.AddRow("targets", Escape(string.Join(", ", info.Targets)));
        if (info.ModulesToSave.Count > 0)
            table.AddRow("stored whole", Escape(string.Join(", ", info.ModulesToSave)));
        table.AddRow("parameters", Number(info.Parameters));
        table.AddRow("stored as", Types(info.Types));
        return table;
    }

    private static Table Facts() => new Table().Border(TableBorder.None).HideHeaders().AddColumns("fact", "value");

    private static string Patterns<T>(IReadOnlyDictionary<string, T> patterns)
    {
        var listed = patterns.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Key}: {p.Value}"));
        return patterns.Count == 0 ? "" : Escape($" ({string.Join(", ", listed)})");
    }

    private static string Types(IReadOnlyList<StoredTypeInfo> types) =>
        string.Join(", ", types.Select(type => $"{type.Type} ({type.Tensors} tensors, {ByteSize.Format(type.Bytes)})"));

    private static string Tokenizer(TokenizerInfo? info)
    {
        if (info is null)
            return "none";
        var template = info.HasChatTemplate ? "with" : "without";
        var special = info.SpecialTokens.Select(token => $"; {token.Key} {token.Value}");
        return $"{info.Kind}, {Number(info.Size)} ids, {template} chat template{string.Concat(special)}";
    }

    private static string Number(long value) => value.ToString("n0", CultureInfo.InvariantCulture);

    private static string Escape(string text) => Markup.Escape(text);
}
