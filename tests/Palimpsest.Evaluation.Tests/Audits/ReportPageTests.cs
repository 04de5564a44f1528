namespace Palimpsest.Evaluation.Tests;

public sealed class ReportPageTests
{
    [Fact]
    public void Text_from_models_is_escaped()
    {
        var html = ReportPage.Render([SampleReport.Of("<script>alert(1)</script>", "<img>")]);
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img>", html, StringComparison.Ordinal);
    }
}
