using System.Text;

namespace Palimpsest.Evaluation.Tests;

/// <summary>Lengths are those of zlib 1.2.13's compress at its default level.</summary>
public sealed class ZlibLengthTests
{
    [Theory]
    [InlineData("", 8)]
    [InlineData("a", 9)]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 12)]
    [InlineData("abcabcabcabcabcabcabcabcabc", 13)]
    [InlineData("The author's full name is Hsiao Yun-Hwa.", 48)]
    [InlineData("Das Gedächtnis vergisst nichts, das Gedächtnis vergisst alles.", 49)]
    [InlineData("The rain in Spain stays mainly in the plain; the rain in Maine is plainly mainly pain.", 62)]
    public void Sentences_have_the_reference_length(string text, int expected) =>
        Assert.Equal(expected, ZlibLength.Of(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData(50, 1, 256, 61)]
    [InlineData(300, 2, 256, 311)]
    [InlineData(5000, 3, 4, 1638)]
    [InlineData(5000, 4, 26, 3121)]
    [InlineData(5000, 7, 200, 4840)]
    [InlineData(20000, 8, 256, 20016)]
    [InlineData(40000, 5, 26, 25297)]
    [InlineData(60000, 6, 2, 9623)]
    [InlineData(60000, 9, 60, 44853)]
    public void Random_bytes_have_the_reference_length_over_several_blocks_too(
        int count,
        long seed,
        int alphabet,
        int expected
    )
    {
        var random = new Congruential(seed);
        Assert.Equal(
            expected,
            ZlibLength.Of([.. Enumerable.Range(0, count).Select(_ => (byte)(random.Next() % alphabet))])
        );
    }

    [Theory]
    [InlineData(20, 1, 68)]
    [InlineData(200, 2, 419)]
    [InlineData(3000, 3, 5309)]
    [InlineData(10000, 4, 17190)]
    public void Words_have_the_reference_length(int count, long seed, int expected)
    {
        var random = new Congruential(seed);
        var words = Enumerable.Range(0, count).Select(_ => random.Next() % 997).Select(k => $"w{k * k % 997}");
        Assert.Equal(expected, ZlibLength.Of(Encoding.UTF8.GetBytes(string.Join(' ', words))));
    }

    private sealed class Congruential(long state)
    {
        private long _state = state;

        public long Next() => (_state = (_state * 1103515245 + 12345) & 0x7FFFFFFF) >> 16;
    }
}
