using Palimpsest.Foundation;
using Palimpsest.Worlds;

namespace Palimpsest.Worlds.Tests;

public sealed class RecallTaskTests
{
    private static readonly RecallTask Task = new(new() { Words = 60, Facts = 20 });

    [Fact]
    public void Ids_are_those_that_the_tokenizer_gives_the_text_and_every_word_is_one()
    {
        var prompt = Task.Draw(5, 9, new(3));
        var ids = Task.Ids(prompt);
        Assert.Equal(1 + 3 * 5 + 9, ids.Length);
        Assert.Equal(Task.Tokenizer.Encode(prompt.Text), ids);
        Assert.Equal(Task.Tokenizer.BosId, ids[0]);
        var fact = prompt.Facts[2];
        Assert.Equal(
            Task.Tokenizer.Encode($"ask {fact.Text}", addSpecialTokens: false),
            Task.Question(fact).Concat(Task.Answer(fact))
        );
        Assert.DoesNotContain(Task.Tokenizer.Encode("<|unk|>", addSpecialTokens: false)[0], ids);
    }

    [Fact]
    public void No_word_stands_twice_among_a_prompts_facts_and_facts_are_drawn_anew()
    {
        var random = new SeededRandom(1);
        var (first, second) = (Task.Draw(20, 0, random), Task.Draw(20, 0, random));
        Assert.Equal(60, first.Text.Split(' ').Distinct().Count());
        Assert.Empty(first.Facts.Intersect(second.Facts));
        Assert.Equal(first.Text, Task.Draw(20, 0, new(1)).Text);
    }

    [Fact]
    public void Any_word_is_a_key_in_one_prompt_and_an_answer_in_another()
    {
        var random = new SeededRandom(2);
        var facts = Enumerable.Range(0, 50).SelectMany(_ => Task.Draw(20, 0, random).Facts).ToArray();
        var keys = facts.Select(fact => fact.Key).ToHashSet();
        Assert.Equal(60, keys.Count);
        Assert.True(keys.SetEquals(facts.Select(fact => fact.Answer.First)));
        Assert.True(keys.SetEquals(facts.Select(fact => fact.Answer.Second)));
    }

    [Fact]
    public void A_row_asks_for_different_facts_and_the_answers_alone_are_predicted()
    {
        var prompt = Task.Draw(6, 4, new(7));
        var row = Task.Row(prompt, questions: 5, new(8), row: 2);
        var start = 1 + 18 + 4;
        Assert.Equal((start, 2, 10), (row.LabelStart, row.Row, row.LabelCount));
        Assert.Equal(Task.Ids(prompt), row.Ids[..start]);
        var asked = row.Ids.Skip(start).Chunk(4).Select(ids => string.Join(' ', ids)).ToArray();
        var all = prompt
            .Facts.Select(fact => string.Join(' ', [.. Task.Question(fact), .. Task.Answer(fact)]))
            .ToHashSet();
        Assert.Equal(5, asked.Distinct().Count());
        Assert.Subset(all, asked.ToHashSet());
        Assert.All(
            Enumerable.Range(0, row.Ids.Length),
            i => Assert.Equal(i >= start && (i - start) % 4 >= 2, row.IsLabelled(i))
        );
    }

    [Fact]
    public void A_needle_lies_at_any_depth_and_the_rest_is_filler()
    {
        var questions = RecallQuiz.Needle(Task, filler: 50, count: 200, seed: 4);
        var depths = questions.Select(of => of.Context.ToList().IndexOf(of.Question[1])).ToArray();
        Assert.All(questions, of => Assert.Equal(54, of.Context.Count));
        Assert.All(
            questions.Zip(depths),
            of => Assert.Equal(of.First.Answer, of.First.Context.Skip(of.Second + 1).Take(2))
        );
        Assert.InRange(depths.Min(), 1, 3);
        Assert.InRange(depths.Max(), 49, 51);
        Assert.InRange(depths.Average(), 22, 30);
    }

    [Fact]
    public void Facts_need_as_many_different_words()
    {
        var error = Assert.Throws<InputException>(() => new RecallTask(new() { Words = 59, Facts = 20 }));
        Assert.Contains("there are 59", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Task.Draw(21, 0, new(1)));
    }
}
