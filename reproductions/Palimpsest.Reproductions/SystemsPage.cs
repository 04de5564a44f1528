using System.Text;

namespace Palimpsest.Reproductions;

/// <summary>The catalogues as a Markdown page.</summary>
public static class SystemsPage
{
    /// <summary>Renders every catalogue.</summary>
    public static string Render()
    {
        var page = new StringBuilder(
            """
            # Systems

            Every published system that is here, by project. `palimpsest systems` lists them; this page is written by
            `palimpsest systems --docs docs/systems.md`. A reproduction is a runnable claim:
            `palimpsest reproduce <id>`, with results in [reproductions.md](reproductions.md).

            """
        );
        foreach (var (project, entries) in Systems.ByProject)
        {
            page.AppendLine()
                .AppendLine($"## {project}")
                .AppendLine()
                .AppendLine("| id | system | arXiv | offers |")
                .AppendLine("|---|---|---|---|");
            foreach (var entry in entries)
                page.AppendLine(
                    $"| `{entry.Id}` | {entry.Title} | {Paper(entry)} | "
                        + $"{string.Join(", ", Offers(entry))} |"
                );
        }

        return page.ToString().ReplaceLineEndings("\n");
    }

    /// <summary>What a system offers, in words.</summary>
    public static IReadOnlyList<string> Offers(CatalogEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return
        [
            .. Enum.GetValues<SystemOffers>()
                .Where(offer => offer != SystemOffers.None && entry.Offers.HasFlag(offer))
                .Select(Words),
        ];
    }

    private static string Words(SystemOffers offer) =>
        offer == SystemOffers.CachePolicy ? "cache policy" : offer.ToString().ToLowerInvariant();

    private static string Paper(CatalogEntry entry) =>
        entry.ArXiv.Length == 0 ? "none" : $"[{entry.ArXiv}](https://arxiv.org/abs/{entry.ArXiv})";
}
