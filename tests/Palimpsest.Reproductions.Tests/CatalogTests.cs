using Palimpsest.TestKit;

namespace Palimpsest.Reproductions.Tests;

public sealed class CatalogTests
{
    /// <summary>Files that name a paper and are no system of their own: a comparison loss, a format, weights held in
    /// it, and the layer that an editor fills.</summary>
    private static readonly string[] NoSystem =
    [
        "AscentWithForgetKl",
        "QuantizedFormat",
        "QuantizedModel",
        "GraceCodebook",
    ];

    /// <summary>Systems whose papers are elsewhere: CaM's is in the proceedings of ICML 2024.</summary>
    private static readonly string[] NotOnArXiv = ["cam"];

    public static TheoryData<string> Folders =>
        [
            "Palimpsest.Models/Adapters",
            "Palimpsest.Inference/Quantization",
            "Palimpsest.Training/Losses",
            "Palimpsest.Training/Relearning",
            "Palimpsest.Unlearning/Objectives",
            "Palimpsest.Evaluation/Attacks",
            "Palimpsest.Evaluation/Audits",
            "Palimpsest.Evaluation/Benchmarks",
        ];

    public static TheoryData<string> Ids => [.. Systems.All.Select(entry => entry.Id)];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Every_system_file_has_a_line_in_its_projects_catalogue(string folder)
    {
        var source = Path.Combine(GoldenFolder.Repository, "src");
        var project = Path.Combine(source, folder.Split('/')[0]);
        var catalogue = File.ReadAllText(Path.Combine(project, "Catalog.cs"));
        foreach (var list in new[] { "Attacks", "Benchmarks" })
        {
            if (catalogue.Contains($".. {list}.", StringComparison.Ordinal))
                catalogue += File.ReadAllText(Path.Combine(project, $"{list}.cs"));
        }

        string[] systems =
        [
            .. Directory
                .GetFiles(Path.Combine(source, folder), "*.cs")
                .Where(path => File.ReadAllText(path).Contains("arXiv:", StringComparison.Ordinal))
                .Select(path => Path.GetFileNameWithoutExtension(path)),
        ];
        Assert.NotEmpty(systems);
        Assert.All(systems.Except(NoSystem), name => Assert.Matches($@"\b{name}(Options|Method)?\b", catalogue));
    }

    [Fact]
    public void Every_catalogue_of_a_project_is_among_the_systems()
    {
        var projects = Directory
            .GetFiles(Path.Combine(GoldenFolder.Repository, "src"), "Catalog.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetFileName(Path.GetDirectoryName(path)!));
        Assert.Equal(
            projects.Order(StringComparer.Ordinal),
            Systems.ByProject.Select(project => project.Project).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void No_two_lines_share_an_id() =>
        Assert.Equal(Systems.All.Count, Systems.All.Select(entry => entry.Id).Distinct().Count());

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_line_has_a_title_a_paper_options_and_an_offer(string id)
    {
        var entry = Systems.Find(id);
        Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", entry.Id);
        Assert.NotEmpty(entry.Title);
        Assert.Matches(NotOnArXiv.Contains(id) ? "^$" : @"^\d{4}\.\d{5}$", entry.ArXiv);
        Assert.NotNull(Activator.CreateInstance(entry.OptionsType));
        Assert.NotEqual(SystemOffers.None, entry.Offers & ~SystemOffers.Reproduction);
    }

    [Fact]
    public void Every_factory_makes_its_system_from_the_default_options()
    {
        foreach (var entry in Systems.All)
            Assert.NotNull(((dynamic)entry).CreateDefault());
    }

    [Fact]
    public void A_line_says_reproduction_exactly_when_there_is_a_class()
    {
        var said = Systems
            .All.Where(entry => entry.Offers.HasFlag(SystemOffers.Reproduction))
            .Select(entry => entry.Id)
            .Order(StringComparer.Ordinal);
        Assert.Equal(said, Catalog.All.Select(entry => entry.Id).Order(StringComparer.Ordinal));
        var classes = typeof(IReproduction)
            .Assembly.GetTypes()
            .Where(type => type.IsClass && type.IsAssignableTo(typeof(IReproduction)));
        Assert.Equal(
            classes.Select(type => type.Name).Order(StringComparer.Ordinal),
            Catalog.All.Select(entry => entry.Create().GetType().Name).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Every_reproduction_stands_in_the_folder_of_its_group_and_says_what_it_claims()
    {
        foreach (var entry in Catalog.All)
        {
            var claim = entry.Create();
            var file = Path.Combine(
                GoldenFolder.Repository,
                "reproductions",
                "Palimpsest.Reproductions",
                char.ToUpperInvariant(entry.Group[0]) + entry.Group[1..],
                $"{claim.GetType().Name}.cs"
            );
            Assert.True(File.Exists(file), file);
            Assert.NotEmpty(claim.Criteria);
            Assert.All([claim.Claim, claim.Baseline, claim.Setting], Assert.NotEmpty);
            Assert.True(claim.Version >= 1);
        }
    }

    [Fact]
    public void The_page_of_systems_is_what_the_command_writes() =>
        Assert.Equal(SystemsPage.Render(), Docs("systems.md"));

    [Fact]
    public void The_page_of_reproductions_is_rendered_from_the_results_beside_it()
    {
        var results = Catalog
            .All.Select(entry => Path.Combine(GoldenFolder.Repository, "docs", "reproductions", $"{entry.Id}.json"))
            .Select(ReproductionResult.Read)
            .ToArray();
        Assert.Equal(ReproductionPage.Render(results), Docs("reproductions.md"));
        Assert.All(results.Zip(Catalog.All), pair => Assert.Equal(pair.Second.Create().Version, pair.First.Version));
        Assert.All(
            results.Zip(Catalog.All),
            pair => Assert.Equal(pair.Second.Create().Seeds, pair.First.Seeds.Select(seed => seed.Seed))
        );
        Assert.All(Catalog.All, entry => Assert.True(entry.Create().Seeds.Count >= 3, entry.Id));
    }

    [Fact]
    public void The_results_beside_the_page_have_the_texts_and_the_criteria_of_today()
    {
        foreach (var entry in Catalog.All)
        {
            var result = ReproductionResult.Read(
                Path.Combine(GoldenFolder.Repository, "docs", "reproductions", $"{entry.Id}.json")
            );
            CriterionResult[] judged = [.. entry.Create().Criteria.Select(criterion => criterion.Judge(result.Seeds))];
            Assert.Equal(
                judged.Select(criterion => (criterion.Name, criterion.Outcome)),
                result.Criteria.Select(criterion => (criterion.Name, criterion.Outcome))
            );
            Assert.Equal(ReproductionResult.Of(judged), result.Outcome);
            Assert.Equal(
                (entry.Create().Claim, entry.Create().Baseline, entry.Create().Setting),
                (result.Claim, result.Baseline, result.Setting)
            );
        }
    }

    private static string Docs(string name) => File.ReadAllText(Path.Combine(GoldenFolder.Repository, "docs", name));
}
