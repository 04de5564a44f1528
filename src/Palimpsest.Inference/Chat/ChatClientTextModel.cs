using Microsoft.Extensions.AI;

namespace Palimpsest.Inference;

/// <summary>Any <see cref="IChatClient"/>, hosted or local, as a text model that attacks and benchmarks can ask.</summary>
/// <param name="client">Answers; stays the caller's.</param>
/// <param name="name">A short name for tables.</param>
/// <param name="concurrency">Most requests at once, at least 1.</param>
/// <param name="attempts">Times that a request is tried when the connection fails, at least 1.</param>
public sealed class ChatClientTextModel(IChatClient client, string name, int concurrency = 4, int attempts = 3) : ITextModel
{
    private readonly int _attempts = Require.AtLeast(attempts, 1, nameof(attempts));
    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = Require.AtLeast(concurrency, 1, nameof(concurrency)) };

    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <inheritdoc/>
    /// <exception cref="InputException">The endpoint did not answer.</exception>
    public async Task<IReadOnlyList<string>> ReplyAsync(
        IReadOnlyList<IReadOnlyList<Turn>> conversations, GenerationOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversations);
        var replies = new string[conversations.Count];
        var settings = new ChatOptions
        {
            MaxOutputTokens = options.MaxNewTokens,
            Temperature = (float)options.Temperature,
            TopP = options.TopP == 1 ? null : (float)options.TopP,
            TopK = options.TopK == 0 ? null : options.TopK,
            Seed = (long)(options.Seed & long.MaxValue),
            StopSequences = options.StopStrings.Count == 0 ? null : [.. options.StopStrings],
        };
        await Parallel.ForAsync(0, conversations.Count, new ParallelOptions
        {
            MaxDegreeOfParallelism = _parallel.MaxDegreeOfParallelism,
            CancellationToken = cancellationToken,
        }, async (i, token) =>
        {
            var messages = conversations[i].Select(turn => new ChatMessage(new ChatRole(turn.Role), turn.Content)).ToArray();
            replies[i] = await AskAsync(messages, settings, token).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return replies;
    }

    private async Task<string> AskAsync(ChatMessage[] messages, ChatOptions settings, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return (await client.GetResponseAsync(messages, settings, cancellationToken).ConfigureAwait(false)).Text;
            }
            catch (Exception error) when (error is HttpRequestException or IOException or TimeoutException)
            {
                if (attempt >= _attempts)
                    throw new InputException($"{Name}: no answer after {attempt} attempts: {error.Message.ReplaceLineEndings(" ")}", error);
                await Task.Delay(TimeSpan.FromMilliseconds(250 << attempt), cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
