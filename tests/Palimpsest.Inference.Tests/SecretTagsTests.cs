using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

/// <summary>How parts of an answer that a row names as secret become tags of its tokens.</summary>
public sealed class SecretTagsTests
{
    [Fact, Trait("Category", "Golden")]
    public void Tokens_that_overlap_or_touch_a_span_are_those_that_the_authors_mark()
    {
        var file = GoldenFolder.Shipped("systems", "codeeraser", "reference.json");
        using var json = JsonDocument.Parse(File.ReadAllText(file));
        var rows = json.RootElement.GetProperty("masks").EnumerateArray().ToArray();
        Assert.NotEmpty(rows);
        foreach (var row in rows)
        {
            var spans = Pairs(row.GetProperty("offsets")).Select(pair => new TokenSpan(0, "", pair.First, pair.Second));
            var parts = Pairs(row.GetProperty("spans")).Select(pair => new TextPart(pair.First, pair.Second));
            var tags = ConversationEncoder.Tags([.. spans], [.. parts]);
            var mask = row.GetProperty("secret_mask").EnumerateArray().Select(value => value.GetInt32());
            // The authors mark tokens of no text, at 0 to 0, where a span begins at 0.
            var theirs = mask.Zip(spans, (marked, span) => span.End > span.Start ? marked : 0);
            Assert.Equal(theirs, tags);
        }
    }

    [Fact]
    public void A_rows_secrets_tag_the_tokens_of_the_answer_where_it_stands_in_the_conversation()
    {
        using var model = TinyModels.New(1);
        const string question = "key ?";
        const string answer = "é the key is k7 , k7 !";
        var row = new QuestionAnswer
        {
            Question = question,
            Answer = answer,
            Secrets = [new(13, 15), new(18, 20)],
        };
        var plain = model.EncodeAnswer(question, answer, 4);
        var tagged = model.EncodeAnswer(row, 4);
        Assert.Equal(plain.Ids, tagged.Ids);
        Assert.Equal((plain.LabelStart, 4), (tagged.LabelStart, tagged.Row));
        Assert.Null(plain.Tags);
        Assert.Null(model.EncodeAnswer(row with { Secrets = [] }, 4).Tags);
        Assert.Equal(tagged.Ids.Length, tagged.Tags!.Count);
        var secret = tagged.Ids.Where((_, i) => tagged.Tags[i] == 1).ToArray();
        var text = model.Tokenizer.Decode(secret);
        Assert.Equal(2, text.Split("k7").Length - 1);
        Assert.DoesNotContain("the", text, StringComparison.Ordinal);
        Assert.All(Enumerable.Range(0, tagged.LabelStart), i => Assert.Equal(0, tagged.Tags[i]));
    }

    private static (int First, int Second)[] Pairs(JsonElement element) =>
        [.. element.EnumerateArray().Select(pair => (pair[0].GetInt32(), pair[1].GetInt32()))];
}
