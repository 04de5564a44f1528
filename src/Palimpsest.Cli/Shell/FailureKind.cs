namespace Palimpsest.Cli;

/// <summary>What a failure is about.</summary>
internal enum FailureKind
{
    /// <summary>The command line is not one that the program knows.</summary>
    Usage,

    /// <summary>A file, a row or a value.</summary>
    Input,

    /// <summary>Memory that is not there.</summary>
    Memory,

    /// <summary>An audit that differs from its plan.</summary>
    Tampered,

    /// <summary>Ctrl-C or a signal.</summary>
    Cancelled,

    /// <summary>A mistake of the program.</summary>
    Internal,
}
