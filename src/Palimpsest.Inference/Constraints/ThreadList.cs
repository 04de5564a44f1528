namespace Palimpsest.Inference;

/// <summary>Collects the ways in which a text can go on.</summary>
internal sealed class ThreadList
{
    // Alternatives beyond are given up: what is left still is of the schema.
    private const int MostThreads = 256;

    private readonly List<Cursor> _threads = [];

    /// <summary>True when the text can be over.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Ways that want more.</summary>
    public IReadOnlyList<Cursor> Threads => _threads;

    /// <summary>Adds a way; null for the end of the text.</summary>
    public void Add(Cursor? thread)
    {
        if (thread is null)
            IsDone = true;
        else if (_threads.Count < MostThreads && !_threads.Contains(thread))
            _threads.Add(thread);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _threads.Clear();
        IsDone = false;
    }
}
