using Palimpsest.Erasure;
using Palimpsest.Inference;

namespace Palimpsest.Cli.Chat;

/// <summary>A conversation in a file: its turns, and the key-value cache of what was read of them.</summary>
internal sealed class KeptSession : IDisposable
{
    private const string TurnsNote = "turns";
    private const string PolicyNote = "kv";

    private readonly LanguageModel _model;
    private readonly string _path;
    private readonly string _policy;
    private readonly Conversation _conversation;
    private KeptContext _context;

    private KeptSession(LanguageModel model, string path, string policy, Conversation conversation)
    {
        (_model, _path, _policy, _conversation) = (model, path, policy, conversation);
        if (!File.Exists(path))
        {
            _context = New();
            return;
        }

        _context = KeptContext.Load(path, model, Policy());
        try
        {
            conversation.Take(path, KeptContext.ReadNotes(path).GetValueOrDefault(TurnsNote, ""));
        }
        catch
        {
            _context.Dispose();
            throw;
        }
    }

    /// <summary>Goes on with a file, or begins one.</summary>
    /// <param name="model">Answers.</param>
    /// <param name="path">The file.</param>
    /// <param name="policy">What the user typed after --kv; null for what the file says.</param>
    /// <param name="conversation">Takes the turns.</param>
    /// <exception cref="InputException">The file is no session, or one of another model or policy.</exception>
    public static KeptSession Open(GeneratingModel model, string path, string? policy, Conversation conversation)
    {
        if (model is not LanguageModel language)
            throw new InputException($"--session: {model.Name} is composed of several models; a session keeps one's.");
        if (!File.Exists(path))
            return new(language, path, policy ?? "", conversation);
        var kept = KeptContext.ReadNotes(path).GetValueOrDefault(PolicyNote, "");
        if (policy is not null && policy != kept)
            throw new InputException(
                $"--kv {policy}: the session {path} was begun with {(kept.Length == 0 ? "none" : kept)}; leave it out."
            );
        return new(language, path, kept, conversation);
    }

    /// <summary>Streams an answer to the conversation.</summary>
    public IAsyncEnumerable<string> AnswerAsync(
        GenerationOptions options,
        Action<GeneratedRow> onEnd,
        CancellationToken cancellationToken
    ) =>
        _context.StreamAsync(
            _model.EncodeConversation(_conversation.Turns, addGenerationPrompt: true),
            options,
            onEnd,
            cancellationToken
        );

    /// <summary>Writes the file.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public void Save() =>
        _context.Save(
            _path,
            new Dictionary<string, string> { [TurnsNote] = _conversation.Text(), [PolicyNote] = _policy }
        );

    /// <summary>Forgets what was read, but not the settings.</summary>
    public void Reset()
    {
        _context.Dispose();
        _context = New();
        Save();
    }

    /// <summary>Erases from cache and file what is no longer in the conversation.</summary>
    /// <param name="text">What no place is to hold any more.</param>
    public ErasureReport Forget(string text)
    {
        int[] left = _conversation.Turns.Count == 0 ? [] : _model.EncodeConversation(_conversation.Turns, false);
        var cache =
            _context.Follow(left)
            ?? new([new("key-value cache", ErasureStatus.NotFound, "It had read nothing of what was erased.")]);
        Save();
        var written = new Conversation();
        written.Take(_path, KeptContext.ReadNotes(_path)[TurnsNote]);
        var stays = written.Turns.Count(turn => Conversation.Holds(turn, text));
        return cache.With(
            new([
                stays == 0
                    ? new("session file", ErasureStatus.Rebuilt, $"{_path} was written anew.")
                    : new("session file", ErasureStatus.StillContains, $"{_path} has it in {stays} turns."),
                new("disk", ErasureStatus.NotVisited, "Blocks of the file's earlier versions, and copies of it."),
            ])
        );
    }

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();

    private KeptContext New() => new(_model, Policy());

    private IKvPolicy? Policy() => _policy.Length == 0 ? null : KvPolicyExpression.Parse(_policy);
}
