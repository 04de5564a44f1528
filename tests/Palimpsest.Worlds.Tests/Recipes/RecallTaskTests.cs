using Palimpsest.Tokenizers;
using Palimpsest.Worlds;

namespace Palimpsest.Worlds.Tests;

public sealed class RecallTaskTests
{
    private static readonly RecallTask Task = new(new() { Names = 20 });
    private static readonly Tokenizer Tokenizer = Task.Tokenizer();

    [Fact]
    public void Every_word_of_a_fact_is_one_token_and_the_prompt_reads_as_its_facts()
    {
        var facts = Task.Draw(20, new(3));
        var ids = RecallTask.Prompt(Tokenizer, facts);
        Assert.Equal(1 + 3 * 20, ids.Length);
        Assert.Equal(Tokenizer.BosId, ids[0]);
        Assert.Equal(string.Join(' ', facts.Select(fact => fact.Text)), Tokenizer.Decode([.. ids.Skip(1)]).Trim());
        Assert.Equal(ids.Skip(1), facts.SelectMany(fact => RecallTask.Ids(Tokenizer, fact.Text)));
    }

    [Fact]
    public void Facts_of_a_prompt_are_about_different_names_and_are_drawn_anew()
    {
        var random = new SeededRandom(1);
        var (first, second) = (Task.Draw(20, random), Task.Draw(20, random));
        Assert.Equal(20, first.Select(fact => fact.Name).Distinct().Count());
        Assert.Equal(first.Select(fact => fact.Name).Order(), second.Select(fact => fact.Name).Order());
        Assert.NotEqual(
            first.OrderBy(fact => fact.Name).Select(fact => fact.Answer),
            second.OrderBy(fact => fact.Name).Select(fact => fact.Answer)
        );
        Assert.Equal(first, Task.Draw(20, new(1)));
    }

    [Fact]
    public void A_row_asks_for_every_fact_once_and_the_answers_alone_are_predicted()
    {
        var row = Task.Row(Tokenizer, count: 5, new(7), row: 2);
        Assert.Equal(1 + 2 * 15, row.Ids.Length);
        Assert.Equal((16, 2, 10), (row.LabelStart, row.Row, row.LabelCount));
        var told = row.Ids.Skip(1).Take(15).Chunk(3).Select(fact => string.Join(' ', fact)).ToHashSet();
        var asked = row.Ids.Skip(16).Chunk(3).Select(fact => string.Join(' ', fact)).ToArray();
        Assert.Equal(told, asked.ToHashSet());
        Assert.NotEqual(row.Ids.Skip(1).Take(15), row.Ids.Skip(16));
        Assert.All(
            Enumerable.Range(0, row.Ids.Length),
            i => Assert.Equal(i >= 16 && (i - 16) % 3 > 0, row.IsLabelled(i))
        );
    }

    [Fact]
    public void More_facts_than_names_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Task.Draw(21, new(1)));
}
