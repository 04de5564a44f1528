namespace Palimpsest.Models.Tests;

public sealed class PythonPatternTests
{
    [Theory]
    [InlineData(@".*\.(?P<kind>q|v)_proj", "a.q_proj", true)]
    [InlineData(@".*\.(?P<kind>q|v)_proj", "a.k_proj", false)]
    [InlineData(@"(?P<x>a|b)\.(?P=x)", "b.b", true)]
    [InlineData(@"(?P<x>a|b)\.(?P=x)", "a.b", false)]
    [InlineData(@"(?P<x>a)(b)\2\1", "abba", true)]
    [InlineData(@"(?P<x>a)(b)\2\1", "abab", false)]
    [InlineData(@"(?P<x>a)?b(?(x)c|d)", "abc", true)]
    [InlineData(@"(?P<x>a)?b(?(x)c|d)", "bd", true)]
    [InlineData(@"(?P<x>a)?b(?(x)c|d)", "abd", false)]
    [InlineData(@"[](?P<x>]+", "?P<x>(]", true)]
    [InlineData(@"[a[]+", "a[", true)]
    [InlineData(@"\(?P<x>", "P<x>", true)]
    [InlineData(@"a\Z", "a", true)]
    [InlineData("a", "a\n", false)]
    [InlineData("q_proj|v_proj", "xv_proj", false)]
    public void It_matches_as_Python_s_fullmatch_does(string pattern, string text, bool expected) =>
        Assert.Equal(expected, PythonPattern.Whole(pattern).IsMatch(text));

    [Theory]
    [InlineData("q_proj", "model.layers.0.q_proj", true)]
    [InlineData("q_proj", "q_proj", true)]
    [InlineData("proj", "model.q_proj", false)]
    [InlineData(@"layers\.(?P<n>[02])\.q_proj", "model.layers.2.q_proj", true)]
    [InlineData(@"layers\.(?P<n>[02])\.q_proj", "model.layers.1.q_proj", false)]
    public void A_pattern_of_ranks_describes_the_end_of_a_path(string pattern, string path, bool expected) =>
        Assert.Equal(expected, PythonPattern.EndOf(pattern, path));

    [Theory]
    [InlineData("layers", "model.layers.3.mlp.experts.5.up", 3)]
    [InlineData("experts", "model.layers.3.mlp.experts.5.up", 5)]
    [InlineData("h", "model.layers.3.up", null)]
    public void The_layer_is_the_number_after_the_list_of_that_name(string pattern, string path, int? expected) =>
        Assert.Equal(expected, PythonPattern.LayerOf(pattern, path));

    [Theory]
    [InlineData("(?P<x")]
    [InlineData("(?P=x)")]
    [InlineData("(?P<x>a)(?P<x>b)")]
    [InlineData("(a")]
    public void A_malformed_pattern_is_an_argument_error(string pattern) =>
        Assert.ThrowsAny<ArgumentException>(() => PythonPattern.Whole(pattern));
}
