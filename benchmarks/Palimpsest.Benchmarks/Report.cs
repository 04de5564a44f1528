using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Palimpsest.Benchmarks;

/// <summary>Prints rows as they come and keeps them.</summary>
internal sealed class Report(PeerTable peers, TextWriter output)
{
    private static readonly JsonSerializerOptions Lines = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };
    private readonly List<Measurement> _rows = [];

    /// <summary>Says on what the rows were measured, and names the columns.</summary>
    public void Environment()
    {
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, "
                    + $"{System.Environment.ProcessorCount} cores, {get_num_threads()} threads, calibrator "
                    + $"{Timing.Gflops():f0} GFLOP/s"
            )
        );
        output.WriteLine(
            $"{"bench", -12}{"size", -16}{"setting", -22}{"variant", -18}{"value", 12} {"unit", -12}{"GFLOP/s", 8}  "
                + $"compared"
        );
    }

    /// <summary>Prints and keeps a row.</summary>
    public void Add(Measurement row)
    {
        _rows.Add(row);
        var compared = row.Ratio is { } ratio
            ? string.Create(CultureInfo.InvariantCulture, $"{ratio:0.000} of {row.Against}") + Verdict(row.Goal, ratio)
            : "";
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Bench, -12}{row.Size, -16}{row.Setting, -22}{row.Variant, -18}{row.Value, 12:0.###} "
                    + $"{row.Unit, -12}{row.Gflops, 8:f0}  {compared}"
            )
        );
        output.Flush();
    }

    /// <summary>Adds a speed (tokens or runs a second), and its calibrated ratio to the peer that fits.</summary>
    public void AddSpeed(Measurement row, string peerName, Func<PeerRow, bool> fits, Goal? goal = null)
    {
        var peer = peers.Find(row => row.Gflops is not null && fits(row));
        Add(
            peer is null
                ? row
                : row with
                {
                    Against = peerName,
                    Ratio = row.Value / row.Gflops / (peer.Speed / peer.Gflops!.Value),
                    Goal = goal,
                }
        );
    }

    /// <summary>Writes every row as a JSON line.</summary>
    public void Write(string path) =>
        AtomicFile.WriteText(path, string.Concat(_rows.Select(row => JsonSerializer.Serialize(row, Lines) + "\n")));

    private static string Verdict(Goal? goal, double ratio)
    {
        if (goal is null)
            return "";
        var verdict = goal.Met(ratio) ? "met" : "missed";
        return $" (goal {goal}: {verdict})";
    }
}
