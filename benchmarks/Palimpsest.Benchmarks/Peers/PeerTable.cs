using System.Text.Json;

namespace Palimpsest.Benchmarks;

/// <summary>PyTorch's rows.</summary>
internal sealed class PeerTable(IReadOnlyList<PeerRow> rows)
{
    private static readonly JsonSerializerOptions Snake = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <summary>Reads a JSON lines file; rows without a speed are left out.</summary>
    public static PeerTable Load(string path) =>
        new([
            .. File.ReadLines(path)
                .Select(line => JsonSerializer.Deserialize<PeerRow>(line, Snake)!)
                .Where(row => (row.TokensPerS ?? row.SecondsPerToken ?? row.Seconds) is not null),
        ]);

    /// <summary>The first row that fits, or null.</summary>
    public PeerRow? Find(Func<PeerRow, bool> fits) => rows.FirstOrDefault(fits);
}
