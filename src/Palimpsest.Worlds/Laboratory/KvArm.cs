namespace Palimpsest.Worlds;

/// <summary>A policy of a comparison.</summary>
/// <param name="Name">What tables call it.</param>
/// <param name="OfEntries">The expression, as after <c>--kv</c>, for a number of entries per head; it ignores the
/// number where the policy's size is its own.</param>
/// <param name="IsSized">Whether the number matters: such an arm is measured once for each size in bytes.</param>
public sealed record KvArm(string Name, Func<int, string> OfEntries, bool IsSized)
{
    private const int WidestWindow = 32;
    private static readonly int[] Widths = [8, 4, 2];

    /// <summary>The policies that ship, each with as many entries as fit; codes of 8, 4 and 2 bits.</summary>
    /// <param name="group">Numbers that share a scale where keys and values are codes; it divides the head
    /// size.</param>
    public static IReadOnlyList<KvArm> All(int group) =>
        [
            new("streaming-llm", n => FormattableString.Invariant($"streaming-llm(budget={n})"), true),
            new("h2o", n => FormattableString.Invariant($"h2o(heavy={n / 2},recent={n - n / 2})"), true),
            new("tova", n => FormattableString.Invariant($"tova(budget={n})"), true),
            new(
                "snapkv",
                n => FormattableString.Invariant($"snapkv(budget={n},window={Math.Clamp(n / 8, 2, WidestWindow)})"),
                true
            ),
            new(
                "pyramidkv",
                n => FormattableString.Invariant($"pyramidkv(budget={n},window={Math.Clamp(n / 8, 2, WidestWindow)})"),
                true
            ),
            new(
                "ada-kv",
                n => FormattableString.Invariant($"ada-kv(budget={n},window={Math.Clamp(n / 8, 2, WidestWindow)})"),
                true
            ),
            new("knorm", n => FormattableString.Invariant($"knorm(budget={n})"), true),
            new("keydiff", n => FormattableString.Invariant($"keydiff(budget={n})"), true),
            new("expected-attention", n => FormattableString.Invariant($"expected-attention(budget={n})"), true),
            new("sirllm", n => FormattableString.Invariant($"sirllm(surprising={Math.Max(2, n - 4)})"), true),
            new("infllm", BlockMemory, true),
            new("cam", n => FormattableString.Invariant($"cam(start={n / 2},recent={n - n / 2})"), true),
            new("d2o", n => FormattableString.Invariant($"d2o(budget={n},exempt-first=0,exempt-last=0)"), true),
            new("kvmerger", n => FormattableString.Invariant($"kvmerger(budget={n},recent=0.08,heavy=0.02)"), true),
            new(
                "snapkv+think",
                n =>
                    FormattableString.Invariant(
                        $"snapkv(budget={n},window={Math.Clamp(n / 8, 2, WidestWindow)})+think(recent=2,channels=0.4)"
                    ),
                true
            ),
            .. Widths.Select(bits => Fixed(FormattableString.Invariant($"mikv(bits={bits},group={group})"))),
            .. Widths.Select(bits =>
                Fixed(FormattableString.Invariant($"kivi(bits={bits},group={group},residual={group})"))
            ),
        ];

    /// <summary>Half of the entries are the window, a quarter blocks at hand; all others are in a file.</summary>
    private static string BlockMemory(int entries)
    {
        var (local, block) = (Math.Max(2, entries / 2), Math.Max(1, entries / 16));
        var chunk = Math.Min(local, WidestWindow);
        return FormattableString.Invariant($"infllm(local={local},initial=2,block={block},retrieved=4,cached=4,")
            + FormattableString.Invariant($"chunk={chunk},spill={Path.GetTempPath()})");
    }

    /// <summary>The heads that look far back keep everything, the others as many entries as fit.</summary>
    /// <param name="heads">Found in the model that is compared.</param>
    public static KvArm Razor(RetrievalHeads heads) =>
        new(
            "razor-attention",
            n =>
                FormattableString.Invariant(
                    $"razor-attention(heads={heads},sinks=2,window={Math.Max(1, n - 3)},divisor=1000000)"
                ),
            true
        );

    /// <summary>A policy of the size that its own text says.</summary>
    /// <param name="expression">As after <c>--kv</c>.</param>
    public static KvArm Fixed(string expression) => new(expression, _ => expression, false);
}
