using Palimpsest.Evaluation;
using Palimpsest.Models;
using Palimpsest.Worlds;

namespace Palimpsest.Worlds.Tests;

/// <summary>Comparisons of policies: sizes and counting, on a model that has learnt nothing.</summary>
public sealed class KvComparisonTests : IDisposable
{
    private static readonly RecallTask Task = new(new() { Words = 48, Facts = 8 });
    private readonly CausalLM _model = new(
        DecoderConfig.TinyLlama(Task.Tokenizer.VocabularySize, 32, 2, 2, 1, 32) with
        {
            InitializerRange = 0.3,
        },
        3
    );

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Policies_get_the_most_entries_that_fit_the_bytes()
    {
        double[] shares = [0.7, 0.4];
        var arm = new KvArm("streaming-llm", n => FormattableString.Invariant($"streaming-llm(budget={n})"), true);
        var rows = new KvComparison(_model, [arm], shares).Run("facts", RecallQuiz.Draw(Task, 8, 60, 6, 5));
        Assert.Equal(2 * 3, rows.Count);
        Assert.Equal((KvComparison.Full, 1.0), (rows[0].Policy, rows[0].BytesShare));
        var full = rows[1].Bytes;
        foreach (var (i, share) in shares.Index())
        {
            var held = rows[2 * (i + 1) + 1];
            Assert.InRange(held.BytesShare, share - 0.1, share);
            var entries = int.Parse(held.Expression!.Split('=')[1].TrimEnd(')'));
            var more = new KvQuiz(_model, RecallQuiz.Draw(Task, 8, 60, 1, 5)).Ask(
                Inference.KvPolicyExpression.Parse(arm.OfEntries(entries + 1)),
                asksFirst: false
            );
            Assert.True(more.Bytes.Physical > share * full, $"{entries} of {share}");
        }
    }

    [Fact]
    public void Every_policy_is_asked_every_question_in_both_ways()
    {
        KvArm[] arms = [.. KvArm.All(16), KvArm.Razor(new([(0, 0)]))];
        var rows = new KvComparison(_model, arms, [0.5]).Run("facts", RecallQuiz.Draw(Task, 8, 40, 7, 5));
        Assert.Equal(2 * (1 + arms.Length), rows.Count);
        foreach (var entry in Inference.KvPolicies.All)
            Assert.Contains(arms, arm => arm.Name.Split('(')[0].Split('+').Contains(entry.Id));
        Assert.All(rows, row => Assert.Equal(7, row.Exact.N));
        Assert.Equal(rows.Count / 2, rows.Count(row => row.AsksFirst));
        Assert.All(rows, row => Assert.True(row.PrefillTime > 0 && row.DecodeTime > 0));
    }

    [Fact]
    public void The_figure_has_a_panel_for_each_way_and_a_line_for_each_policy()
    {
        KvComparisonRow Row(string policy, bool asksFirst, int hits, double share) =>
            new("a <task>", policy, policy, asksFirst, new Rate(hits, 10), 100, share, 1, 1);
        var picture = KvFigure.Render([
            Row("full cache", true, 10, 1),
            Row("kivi(bits=4)", true, 9, 0.3),
            Row("kivi(bits=2)", true, 5, 0.2),
            Row("kivi(bits=2)", false, 5, 0.2),
        ]);
        Assert.Equal(3, Count("<polyline"));
        Assert.Equal(4, Count("<circle"));
        Assert.Equal(2, Count("a &lt;task&gt;, question"));
        Assert.Contains("kivi(bits=4): 90 %, n = 10, 30 % of the bytes", picture, StringComparison.Ordinal);
        System.Xml.Linq.XDocument.Parse(picture);

        int Count(string part) => picture.Split(part).Length - 1;
    }
}
