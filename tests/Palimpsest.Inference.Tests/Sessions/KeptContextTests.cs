using Palimpsest.Erasure;
using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class KeptContextTests : IDisposable
{
    private static readonly GenerationOptions Options = new() { MaxNewTokens = 6 };

    private readonly TemporaryFolder _folder = new();
    private readonly LanguageModel _model = TinyModels.New(3, positions: 400);

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("kivi(bits=4,group=4,residual=8)")]
    [InlineData("sirllm(sinks=2,surprising=20,recent=8)")]
    public async Task A_text_that_is_kept_gives_what_one_that_is_read_anew_gives(string? policy)
    {
        using var context = New(policy);
        var prompt = _model.Tokenizer.Encode("the cat sat on the mat", false);
        var answer = await AnswerAsync(context, prompt);
        Assert.Equal(prompt.Length + answer.Length, context.Cache.Length + 1); // the last token is not read yet
        int[] next = [.. prompt, .. answer, .. _model.Tokenizer.Encode("and the dog", false)];
        var read = context.Cache.Length;
        var kept = await AnswerAsync(context, next);
        Assert.Equal(next[..read], context.Cache.Tokens(0).Take(read));
        if (policy is not null)
            return; // a policy's rounds are those of the conversation
        using var anew = New(policy);
        Assert.Equal(kept, await AnswerAsync(anew, next));
        Assert.Equal(kept, (await _model.GenerateAsync([next], Options))[0]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("tova(budget=12)")]
    [InlineData("snapkv(budget=0.6,window=4)+kivi(bits=4,group=4,residual=8)")]
    public async Task A_session_goes_on_as_if_it_had_not_been_left(string? policy)
    {
        var first = _model.Tokenizer.Encode("the cat sat on the mat", false);
        var path = _folder.File($"session-{policy?.Length ?? 0}");
        using var context = New(policy);
        var answer = await AnswerAsync(context, first);
        context.Save(path, new Dictionary<string, string> { ["turns"] = "two" });
        int[] next = [.. first, .. answer, .. _model.Tokenizer.Encode("the dog ate the hat", false)];
        using var loaded = KeptContext.Load(path, _model, policy is null ? null : KvPolicyExpression.Parse(policy));
        Assert.Equal("two", KeptContext.ReadNotes(path)["turns"]);
        Assert.Equal(await AnswerAsync(context, next), await AnswerAsync(loaded, next));
        Assert.Equal(Saved(context), Saved(loaded));
        using var again = KeptContext.Load(path, _model, policy is null ? null : KvPolicyExpression.Parse(policy));
        Assert.True(again.Follow(next[3..])!.IsDone);
        again.Save(path);
        KeptContext.Load(path, _model, policy is null ? null : KvPolicyExpression.Parse(policy)).Dispose();
    }

    [Fact]
    public async Task What_is_no_longer_in_the_text_is_erased()
    {
        foreach (var policy in new[] { null, "tova(budget=12)" })
        {
            int[] Ids(string text) => _model.Tokenizer.Encode(text, false);
            var (start, secret, rest) = (Ids("the cat sat on"), Ids(" the hat and the dog"), Ids(" the mat"));
            using var context = New(policy);
            await AnswerAsync(context, [.. start, .. secret, .. rest, 1]);
            int[] shorter = [.. start, .. rest, 1];
            var report = context.Follow(shorter)!;
            Assert.True(report.IsDone);
            Assert.Equal(ErasureStatus.Rebuilt, report.Places[0].Status);
            Assert.True(context.Cache.Tokens(0).SequenceEqual(shorter[..context.Cache.Length]));
            Assert.Null(context.Follow(shorter));
        }
    }

    [Fact]
    public async Task A_session_of_another_model_or_policy_is_refused_in_one_line()
    {
        var path = _folder.File("other");
        using (var context = New("tova(budget=12)"))
        {
            await AnswerAsync(context, [1, 2, 3, 4]);
            context.Save(path);
        }

        var tova = KvPolicyExpression.Parse("tova(budget=12)");
        using var other = TinyModels.New(4, positions: 400);
        Assert.Contains("another model", Refused(() => KeptContext.Load(path, other, tova)), StringComparison.Ordinal);
        Assert.Contains("'tova'", Refused(() => KeptContext.Load(path, _model)), StringComparison.Ordinal);
        // One weight is enough, and so is what is attached to the weights.
        using (no_grad())
        {
            using var weight = _model.Decoder.parameters().First();
            using var one = weight.flatten().narrow(0, 5, 1);
            one.add_(1e-6f);
        }

        Refused(() => KeptContext.Load(path, _model, tova));
        await File.WriteAllTextAsync(path, "{}");
        Refused(() => KeptContext.Load(path, _model, tova));

        static string Refused(Action action)
        {
            var message = Assert.Throws<InputException>(action).Message;
            Assert.DoesNotContain('\n', message);
            return message;
        }
    }

    private KeptContext New(string? policy) => new(_model, policy is null ? null : KvPolicyExpression.Parse(policy));

    private string Saved(KeptContext context)
    {
        var path = _folder.File($"saved-{Guid.NewGuid():n}");
        context.Save(path);
        return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)));
    }

    private static async Task<int[]> AnswerAsync(KeptContext context, int[] prompt)
    {
        GeneratedRow? end = null;
        await foreach (var _ in context.StreamAsync(prompt, Options, row => end = row)) { }
        return end!.Tokens;
    }
}
