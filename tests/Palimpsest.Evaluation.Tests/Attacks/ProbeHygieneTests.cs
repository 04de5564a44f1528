namespace Palimpsest.Evaluation.Tests;

public sealed class ProbeHygieneTests
{
    [Fact]
    public void Hygiene_removes_exactly_the_planted_probes()
    {
        SleekProbe Probe(int i, string text, params string[] steps) =>
            new()
            {
                Id = $"p{i}",
                FactId = "f",
                Scope = FactScope.Forget,
                Category = ProbeCategory.Direct,
                Text = text,
                KnowledgePoint = "",
                Expected = ["Saint-Élan", "the Old Port"],
                Steps = steps,
            };
        SleekProbe[] bad =
        [
            Probe(0, "Is it Saint-Élan?"),
            Probe(1, "SAINT ELAN, yes?"),
            Probe(2, "What of the old port's history?"),
            Probe(3, "Where?", "Do you know saint elan?"),
        ];
        SleekProbe[] good =
        [
            Probe(4, "Where is it?"),
            Probe(5, "Which saint is it named for?"),
            Probe(6, "An old harbour or port?"),
            Probe(7, "Where?", "Is it far?"),
        ];
        Assert.Equal(good, ProbeHygiene.Filter([.. bad, .. good, .. good]));
    }
}
