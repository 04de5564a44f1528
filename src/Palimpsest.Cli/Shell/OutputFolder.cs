namespace Palimpsest.Cli;

/// <summary>Writes the result of a command.</summary>
internal static class OutputFolder
{
    /// <summary>Writes a model's or an adapter's folder whole, with a record of how it came about; nothing of an older
    /// one stays.</summary>
    /// <param name="folder">The place, which <see cref="OutputCheck"/> has looked at.</param>
    /// <param name="write">Writes below the folder that it is given.</param>
    /// <param name="record">What is recorded; null records what the library says of it alone.</param>
    /// <exception cref="InputException">It cannot be written; what was there is as it was.</exception>
    public static void Write(string folder, Action<string> write, ResultRecord? record = null) =>
        AtomicFolder.WriteWhole(
            folder,
            place =>
            {
                write(place);
                if (record is not null)
                    (record with { MergedAdapters = ResultRecord.Read(place)?.MergedAdapters ?? [] }).Write(place);
            }
        );
}
