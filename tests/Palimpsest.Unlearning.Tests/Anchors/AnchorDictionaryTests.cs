using Palimpsest.TestKit;

namespace Palimpsest.Unlearning.Tests;

public sealed class AnchorDictionaryTests
{
    [Theory]
    [InlineData("Harry", "Harry", null, null, "entry 1 ('Harry' for 'Harry')", "the term itself")]
    [InlineData("Harry", " ", null, null, "entry 1", "not white")]
    [InlineData("", "Jon", "Ron", "Tom", "entry 1", "not white")]
    [InlineData("Harry", "Jon", "Ron", "Harry", "entry 2 ('Ron' for 'Harry')", "the term 'Harry' in it")]
    [InlineData("Harry", "Jon", "Ron", "Mr Harry Tom", "entry 2", "the term 'Harry' in it")]
    [InlineData("Harry", "Jon", "Harry", "Tom", "entry 2 ('Harry' for 'Tom')", "entry 1")]
    [InlineData("New York", "A", "York City", "B", "entry 1 ('New York' for 'A')", "overlaps 'York City'")]
    [InlineData("York City", "B", "New York", "A", "entry 2 ('New York' for 'A')", "overlaps 'York City'")]
    public void What_cannot_be_replaced_is_refused_with_the_entry(
        string term,
        string replacement,
        string? second,
        string? standIn,
        string place,
        string reason
    )
    {
        Anchor[] entries = second is null ? [new(term, replacement)] : [new(term, replacement), new(second, standIn!)];
        Refusal.Of(() => _ = new AnchorDictionary(entries, "names.jsonl"), "names.jsonl", place, reason);
    }

    [Fact]
    public void A_term_within_a_longer_one_and_a_stand_in_that_a_term_is_a_part_of_are_taken()
    {
        var anchors = new AnchorDictionary([
            new("Harry Potter", "Jon Smith"),
            new("Harry", "Jonathan"),
            new("Ron", "Ronald"),
        ]);
        Assert.Equal(3, anchors.Entries.Count);
    }

    [Fact]
    public void A_file_has_a_term_and_its_stand_in_a_line()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("anchors.jsonl");
        File.WriteAllText(
            path,
            """
            {"term": "Harry", "replacement": "Jon", "type": "hero"}
            {"term": "Hogwarts", "replacement": "college"}
            """
        );
        Assert.Equal(
            [new("Harry", "Jon") { Type = "hero" }, new("Hogwarts", "college")],
            AnchorDictionary.Read(path).Entries
        );
        File.WriteAllText(path, """{"term": "Harry"}""");
        Refusal.Of(() => AnchorDictionary.Read(path), path, "line 1", "replacement");
        File.WriteAllText(path, "[]");
        Refusal.Of(() => AnchorDictionary.Read(path), path, "no anchor");
    }

    [Fact]
    public void A_term_is_known_with_a_blank_before_it_and_without()
    {
        var words = BpeTrainer.Train(
            ["Harry met Harry Harry", "Jon Jon Jon saw Jon"],
            new() { VocabularySize = 300, LeastCount = 1 }
        );
        var anchors = new AnchorDictionary([new("Harry", "Jon")]).Encode(words);
        string Text(IReadOnlyList<int> ids) => words.Decode([.. ids]);
        Assert.Equal(
            [(0, " Harry", " Jon"), (0, "Harry", "Jon")],
            anchors.Select(anchor => (anchor.Entry, Text(anchor.Term), Text(anchor.Replacement)))
        );
        var ids = words.Encode("Harry met Harry", addSpecialTokens: false);
        Assert.Equal("Jon met Jon", words.Decode(AnchoredBlock.Translate(ids, anchors).Translated));
    }

    [Fact]
    public void A_term_that_the_tokenizer_has_no_tokens_for_is_refused()
    {
        var words = WordLevelTrainer.Train(["one two three", "one two"], new());
        Refusal.Of(
            () => new AnchorDictionary([new("one", "two"), new("four", "two")]).Encode(words),
            "entry 2 ('four' for 'two')",
            "no tokens"
        );
    }
}
