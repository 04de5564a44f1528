namespace Palimpsest.Inference.Tests;

public sealed class KvPolicyExpressionTests
{
    [Fact]
    public void Policies_are_joined_in_the_order_of_their_stages()
    {
        Assert.Equal("snapkv+kivi", KvPolicyExpression.Parse(" snapkv( budget = 0.2 ) + kivi(bits=4)").Id);
        Assert.Equal("tova", KvPolicyExpression.Parse("tova").Id);
        Assert.Equal("h2o", KvPolicyExpression.Parse("h2o()").Id);
    }

    [Theory]
    [InlineData("snapvk(budget=0.2)", 0, "did you mean snapkv?")]
    [InlineData("", 0, "a policy is missing")]
    [InlineData("snapkv(bugdet=0.2)", 7, "did you mean budget?")]
    [InlineData("snapkv(budget=0)", 14, "'0' is neither a share")]
    [InlineData("snapkv(budget=1.5)", 14, "'1.5' is neither a share")]
    [InlineData("snapkv(kernel=4)", 14, "must be odd")]
    [InlineData("snapkv(window=3,window=4)", 16, "given twice")]
    [InlineData("snapkv(window)", 13, "'=' and a value")]
    [InlineData("snapkv(window=3", 15, "')' is missing")]
    [InlineData("snapkv kivi", 7, "is not expected here")]
    [InlineData("snapkv+", 7, "a policy is missing")]
    [InlineData("snapkv+tova", 7, "both decide which entries")]
    [InlineData("kivi+snapkv", 5, "snapkv comes before kivi")]
    [InlineData("h2o+kivi", 4, "changes entries at every token")]
    [InlineData("kivi(bits=3)", 10, "must be 2, 4 or 8")]
    [InlineData("kivi(group=32,residual=40)", 0, "multiple of the group")]
    [InlineData("kivi(half-scales=maybe)", 17, "neither true nor false")]
    public void A_mistake_is_named_with_a_caret_under_it(string text, int at, string complaint)
    {
        var error = Assert.Throws<InputException>(() => KvPolicyExpression.Parse(text));
        var lines = error.Message.Split('\n');
        Assert.Contains(complaint, lines[0], StringComparison.Ordinal);
        Assert.Equal($"  {text}", lines[1]);
        Assert.Equal(at + 2, lines[2].IndexOf('^', StringComparison.Ordinal));
    }

    [Fact]
    public void Budgets_are_shares_or_tokens()
    {
        Assert.Equal(29, KvBudget.Parse("0.29").Of(100));
        Assert.Equal(100, KvBudget.Parse("1").Of(100));
        Assert.Equal(512, KvBudget.Parse("512").Of(100));
        Assert.Equal(1, KvBudget.Parse("0.01").Of(10));
    }

    [Fact]
    public void A_model_whose_heads_do_not_fit_or_whose_angles_change_is_refused()
    {
        using var model = KvModels.New("gqa");
        Assert.Contains(
            "group 32",
            Assert.Throws<InputException>(() => KvModels.NewCache(model, "kivi", 1)).Message,
            StringComparison.Ordinal
        );
        var dynamic = model.Config with
        {
            RopeScaling = new() { Kind = RopeScalingKind.Dynamic, Factor = 2 },
        };
        Assert.Throws<InputException>(() =>
            new Models.KvCache(dynamic, 1, 8, policy: KvPolicyExpression.Parse("tova"))
        );
    }
}
