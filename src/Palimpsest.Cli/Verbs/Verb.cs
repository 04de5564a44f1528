using System.CommandLine;

namespace Palimpsest.Cli.Verbs;

/// <summary>A command that does something; its options are its fields.</summary>
internal abstract class Verb : Command
{
    /// <summary>A command.</summary>
    /// <param name="name">As typed.</param>
    /// <param name="description">For help.</param>
    /// <param name="example">A command line that help shows, without <c>palimpsest</c>.</param>
    protected Verb(string name, string description, string example)
        : base(name, description)
    {
        this.WithExample(example);
        SetAction((parsed, cancellationToken) => RunAsync(new(parsed), parsed, cancellationToken));
    }

    /// <summary>Does it.</summary>
    /// <param name="session">Where to print.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="cancellationToken">Stops where the work can go on later.</param>
    /// <returns>A value of <see cref="ExitCode"/>.</returns>
    protected abstract Task<int> RunAsync(Session session, ParseResult parsed, CancellationToken cancellationToken);
}
