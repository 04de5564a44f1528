namespace Palimpsest.Cli;

/// <summary>What the process says to its caller.</summary>
public static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The thing measured failed: an audit that finds leaks.</summary>
    public const int Failed = 1;

    /// <summary>Bad usage or input.</summary>
    public const int BadInput = 2;

    /// <summary>An internal error.</summary>
    public const int Internal = 3;

    /// <summary>An audit differs from its plan.</summary>
    public const int Tampered = 4;

    /// <summary>Cancelled with Ctrl-C.</summary>
    public const int Cancelled = 130;
}
