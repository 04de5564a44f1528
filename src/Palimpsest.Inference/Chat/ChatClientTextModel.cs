using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Palimpsest.Inference;

/// <summary>Any <see cref="IChatClient"/>, hosted or local, as a text model that attacks and benchmarks can
/// ask.</summary>
/// <param name="client">Answers; stays the caller's.</param>
/// <param name="name">A short name for tables.</param>
/// <param name="policy">Requests at once, tries and timeout.</param>
/// <param name="logger">Told of failed attempts; nobody by default.</param>
public sealed class ChatClientTextModel(
    IChatClient client,
    string name,
    RequestPolicy? policy = null,
    ILogger<ChatClientTextModel>? logger = null
) : ITextModel
{
    private readonly ILogger _logger = logger ?? NullLogger<ChatClientTextModel>.Instance;
    private readonly RequestPolicy _policy = policy ?? new();

    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <inheritdoc/>
    /// <exception cref="InputException">The endpoint refused, or did not answer in time however often it was
    /// asked.</exception>
    public async Task<IReadOnlyList<string>> ReplyAsync(
        IReadOnlyList<IReadOnlyList<Turn>> conversations,
        GenerationOptions options,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(conversations);
        ArgumentNullException.ThrowIfNull(options);
        var replies = new string[conversations.Count];
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = _policy.Concurrency,
            CancellationToken = cancellationToken,
        };
        await Parallel
            .ForAsync(
                0,
                conversations.Count,
                parallel,
                async (i, token) =>
                {
                    var messages = conversations[i]
                        .Select(turn => new ChatMessage(new ChatRole(turn.Role), turn.Content))
                        .ToArray();
                    replies[i] = await AskAsync(messages, Settings(options, i), token).ConfigureAwait(false);
                }
            )
            .ConfigureAwait(false);
        return replies;
    }

    // As in a batch of a local model, each conversation draws from a stream of its own.
    private static ChatOptions Settings(GenerationOptions options, int row) =>
        new()
        {
            MaxOutputTokens = options.MaxNewTokens,
            Temperature = (float)options.Temperature,
            TopP = options.TopP == 1 ? null : (float)options.TopP,
            TopK = options.TopK == 0 ? null : options.TopK,
            FrequencyPenalty = options.FrequencyPenalty == 0 ? null : (float)options.FrequencyPenalty,
            PresencePenalty = options.PresencePenalty == 0 ? null : (float)options.PresencePenalty,
            Seed =
                options.Temperature == 0 ? null : (long)(SeededRandom.Derive(options.Seed, (ulong)row) & int.MaxValue),
            StopSequences = options.StopStrings.Count == 0 ? null : [.. options.StopStrings],
        };

    private async Task<string> AskAsync(
        ChatMessage[] messages,
        ChatOptions settings,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await Retries
                .Times(_policy.Attempts, TimeSpan.FromSeconds(_policy.RetrySeconds), IsTransient, _logger)
                .ExecuteAsync(
                    async token => await AskOnceAsync(messages, settings, token).ConfigureAwait(false),
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        catch (Exception error) when (IsTransient(error))
        {
            throw new InputException(
                $"{Name}: no answer after {_policy.Attempts} attempts: {error.Message.ReplaceLineEndings(" ")}",
                error
            );
        }
    }

    private static bool IsTransient(Exception error) =>
        error is HttpRequestException or IOException or TimeoutException;

    private async Task<string> AskOnceAsync(
        ChatMessage[] messages,
        ChatOptions settings,
        CancellationToken cancellationToken
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(_policy.TimeoutSeconds));
        try
        {
            return (await client.GetResponseAsync(messages, settings, limit.Token).ConfigureAwait(false)).Text;
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(
                FormattableString.Invariant($"it took more than {_policy.TimeoutSeconds} s."),
                error
            );
        }
    }
}
