namespace Palimpsest.Erasure;

/// <summary>Compares subjects with files and folders.</summary>
internal static class SubjectComparison
{
    /// <summary>What was found of each subject, and the first difference as a line; null without one.</summary>
    /// <exception cref="InputException">A place cannot be read.</exception>
    public static (IReadOnlyList<SubjectCheck> Subjects, string? Difference) Of(
        string certificate,
        IReadOnlyList<StatementSubject> subjects,
        IReadOnlyList<string> places
    )
    {
        var found = subjects.ToDictionary(
            subject => subject.Name,
            subject => new SubjectCheck(subject.Name, subject.Sha256, SubjectStatus.NotGiven),
            StringComparer.Ordinal
        );
        string? difference = null;
        foreach (var (name, path) in places.Select(place => Named(place, found)).Concat(Beside(certificate, subjects)))
        {
            var hash = ContentHash.Of(path);
            var matches = found.Values.Where(subject =>
                subject.Sha256 == hash && (name ?? subject.Name) == subject.Name
            );
            string[] same = [.. matches.Select(subject => subject.Name)];
            foreach (var subject in same)
                found[subject] = Checked(found[subject], SubjectStatus.Matches, path);
            if (same.Length > 0)
                continue;
            if (name is not null)
                found[name] = Checked(found[name], SubjectStatus.Differs, path);
            difference ??= name is null
                ? $"{path}: its SHA-256 is {hash}, which is that of none of {string.Join(", ", found.Keys)}."
                : $"{path}: differs from what was signed as '{name}': its SHA-256 is {hash}, signed is "
                    + $"{found[name].Sha256}.";
        }

        return ([.. subjects.Select(subject => found[subject.Name])], difference);
    }

    // What differs at one place is not mended by what matches at another.
    private static SubjectCheck Checked(SubjectCheck subject, SubjectStatus status, string path) =>
        subject.Status == SubjectStatus.Differs ? subject : subject with { Status = status, Path = path };

    private static (string? Name, string Path) Named(string place, Dictionary<string, SubjectCheck> subjects)
    {
        var end = place.IndexOf('=', StringComparison.Ordinal);
        if (end > 0 && subjects.ContainsKey(place[..end]))
            return (place[..end], place[(end + 1)..]);
        var file = Path.GetFileName(place);
        return subjects.ContainsKey(file) ? (file, place) : (null, place);
    }

    // Names of subjects are no paths, so that what is looked for lies beside the certificate.
    private static IEnumerable<(string? Name, string Path)> Beside(
        string certificate,
        IReadOnlyList<StatementSubject> subjects
    ) =>
        subjects
            .Where(subject => Path.HasExtension(subject.Name))
            .Select(subject =>
                ((string?)subject.Name, Path.Combine(Path.GetDirectoryName(certificate) ?? "", subject.Name))
            )
            .Where(place => File.Exists(place.Item2));
}
