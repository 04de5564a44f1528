namespace Palimpsest.Unlearning.Tests;

public sealed class UnlearnerRefusalTests
{
    [Fact]
    public async Task An_empty_forget_set_is_refused() =>
        Assert.Equal(
            "The forget set is empty; needed is at least one row.",
            await Refusal("ga", job => job with { Forget = [] })
        );

    [Theory]
    [InlineData("graddiff")]
    [InlineData("kl-min")]
    [InlineData("npo-rt")]
    [InlineData("idk")]
    public async Task A_method_with_a_retain_term_refuses_a_job_without_retain_rows(string id) =>
        Assert.Equal(
            $"The retain set is empty; method '{id}' needs at least one row.",
            await Refusal(id, job => job with { Retain = [] })
        );

    [Theory]
    [InlineData("idk")]
    [InlineData("dpo")]
    public async Task A_method_that_prefers_refusals_needs_one_for_each_forget_row(string id) =>
        Assert.Equal(
            $"Method '{id}' needs another answer to each of the 6 forget rows; 5 rows have one.",
            await Refusal(id, job => job with { Alternates = [.. job.Alternates.Skip(1), []] })
        );

    [Fact]
    public async Task A_row_without_an_answer_is_named() =>
        Assert.Equal(
            "Forget row 1 has no token to learn: its 4 tokens are all prompt.",
            await Refusal("ga", job => job with { Forget = [job.Forget[0], new([1, 5, 6, 7], 4)] })
        );

    [Fact]
    public async Task A_row_longer_than_the_models_positions_is_named_with_both_numbers() =>
        Assert.Equal(
            "Retain row 0 has 17 tokens; the model has 16 positions.",
            await Refusal("ga", job => job with { Retain = [new([.. Enumerable.Repeat(5, 17)], 2)] })
        );

    [Fact]
    public async Task A_token_id_that_the_model_does_not_have_is_named() =>
        Assert.Equal(
            "Forget row 0 has token id 32; the model's ids are 0 to 31: the tokenizer is of another model.",
            await Refusal("ga", job => job with { Forget = [new([1, 5, 32], 1)] })
        );

    [Fact]
    public async Task A_row_that_is_both_to_be_kept_and_forgotten_is_named() =>
        Assert.Equal(
            "Retain row 7 is a forget row too; a row is either kept or forgotten.",
            await Refusal("ga", job => job with { Retain = [.. job.Retain, job.Forget[2]] })
        );

    private static async Task<string> Refusal(string id, Func<UnlearnJob, UnlearnJob> change)
    {
        using var model = new CausalLM(DecoderConfig.TinyLlama(32, 16, 1, 2, 1, 32, maxPositions: 16), seed: 1);
        var error = await Assert.ThrowsAsync<InputException>(() =>
            UnlearnerTests.Method(id).RunAsync(change(UnlearnerTests.Job(model)))
        );
        return error.Message;
    }
}
