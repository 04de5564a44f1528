namespace Palimpsest.Checkpoints;

/// <summary>Models that are split over several GGUF files, as larger ones are published:
/// <c>NAME-00001-of-00003.gguf</c>.</summary>
internal static class GgufSplit
{
    private const string NumberKey = "split.no";
    private const string CountKey = "split.count";
    private const string TensorsKey = "split.tensors.count";
    private const int MostParts = 99999;

    /// <summary>Opens a file, or all parts of the one that it is a part of.</summary>
    /// <returns>The parts in their order; the caller disposes them.</returns>
    /// <exception cref="InputException">A part is missing, cannot be read or is of another file.</exception>
    public static IReadOnlyList<GgufPart> Open(string path)
    {
        List<GgufPart> parts = [GgufPart.Open(path)];
        try
        {
            var count = CountOf(parts[0]);
            if (count <= 1)
                return parts;
            var names = Names(parts[0], count);
            var own = NumberOf(parts[0], count);
            for (var i = 0; i < count; i++)
            {
                if (i == own)
                    continue;
                if (!File.Exists(names[i]))
                    throw new InputException(
                        $"{names[i]}: part {i + 1} of {count} is missing; {Path.GetFileName(path)} is part {own + 1} "
                            + "of a split file, which all parts are needed for."
                    );
                var part = GgufPart.Open(names[i]);
                parts.Insert(i, part);
                RequirePart(part, i, count);
            }

            RequireTensors(parts);
            return parts;
        }
        catch
        {
            foreach (var part in parts)
                part.Dispose();
            throw;
        }
    }

    private static int CountOf(GgufPart part) => part.Metadata.WholeOrNull(CountKey, least: 0, most: MostParts) ?? 1;

    private static int NumberOf(GgufPart part, int count) =>
        part.Metadata.WholeOrNull(NumberKey, least: 0, most: count - 1)
        ?? throw new InputException($"{part.Path}: key '{NumberKey}' is missing; '{CountKey}' says {count} parts.");

    private static string[] Names(GgufPart part, int count)
    {
        var own = NumberOf(part, count);
        if (GgufPartName.Parse(part.Path) is not { } name || (name.Number, name.Count) != (own, count))
            throw new InputException(
                $"{part.Path}: is part {own + 1} of {count} of a split file, and its name does not end in "
                    + $"'{new GgufPartName("", own, count).Ending}', by which the other parts would be found."
            );
        return [.. Enumerable.Range(0, count).Select(i => (name with { Number = i }).ToString())];
    }

    private static void RequirePart(GgufPart part, int number, int count)
    {
        if (CountOf(part) != count)
            throw part.Metadata.Refuse(CountKey, $"{count}, as in the other parts");
        if (NumberOf(part, count) != number)
            throw part.Metadata.Refuse(NumberKey, $"{number}, as its name says");
    }

    private static void RequireTensors(List<GgufPart> parts)
    {
        var there = parts.Sum(part => part.Tensors.Count);
        var expected = parts[0].Metadata.WholeOrNull(TensorsKey) ?? there;
        if (there != expected)
            throw parts[0].Metadata.Refuse(TensorsKey, $"{there}, the tensors of all parts together");
    }
}
