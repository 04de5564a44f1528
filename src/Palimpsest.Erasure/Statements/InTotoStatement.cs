using System.Text.Json;

namespace Palimpsest.Erasure;

/// <summary>An in-toto Statement, version 1: what is said (the predicate) of which things (the subjects).</summary>
/// <param name="PredicateType">Name and version of the predicate's layout, a URI.</param>
/// <param name="Subjects">At least one, no name twice.</param>
/// <param name="Predicate">An object.</param>
public sealed record InTotoStatement(
    string PredicateType,
    IReadOnlyList<StatementSubject> Subjects,
    JsonElement Predicate
)
{
    /// <summary>The statement's own type.</summary>
    public const string Type = "https://in-toto.io/Statement/v1";

    /// <summary>The largest number of subjects.</summary>
    public const int MostSubjects = 1000;

    private static readonly JsonWriterOptions Layout = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = ResultJson.Format.Encoder,
    };

    /// <summary>The statement as JSON.</summary>
    /// <exception cref="InputException">A subject has no allowed name or digest, or a name stands twice.</exception>
    public byte[] ToJson()
    {
        if (Complaint() is { } complaint)
            throw new InputException($"A statement cannot be written: {complaint}.");
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Layout))
        {
            writer.WriteStartObject();
            writer.WriteString("_type", Type);
            writer.WriteStartArray("subject");
            foreach (var subject in Subjects)
            {
                writer.WriteStartObject();
                writer.WriteString("name", subject.Name);
                writer.WriteStartObject("digest");
                writer.WriteString("sha256", subject.Sha256);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteString("predicateType", PredicateType);
            writer.WritePropertyName("predicate");
            Predicate.WriteTo(writer);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>Reads a statement.</summary>
    /// <param name="path">For messages.</param>
    /// <param name="utf8">Its bytes.</param>
    /// <exception cref="InputException">It is not one, has a field twice or one too many, or a subject with a name or
    /// digest that is not allowed.</exception>
    public static InTotoStatement Parse(string path, ReadOnlyMemory<byte> utf8)
    {
        var root = StrictJson.Parse(path, utf8, DsseEnvelope.MostBytes);
        StrictJson.RequireFields(root, "_type", "subject", "predicateType", "predicate");
        if (root.Text("_type") is var type && type != Type)
            throw root.Error($"_type is {JsonField.Shown(type)}; this version reads {Type}.");
        var subjects = new List<StatementSubject>();
        foreach (var subject in root["subject"].Elements())
        {
            StrictJson.RequireFields(subject, "name", "digest");
            StrictJson.RequireFields(subject["digest"], "sha256");
            subjects.Add(new(subject.Text("name"), subject["digest"].Text("sha256")));
        }

        var statement = new InTotoStatement(root.Text("predicateType"), subjects, root["predicate"].Value);
        return statement.Complaint() is { } complaint ? throw root.Error($"{complaint}.") : statement;
    }

    private string? Complaint()
    {
        if (Subjects.Count is 0 or > MostSubjects)
            return $"there are {Subjects.Count} subjects; needed are 1 to {MostSubjects}";
        if (Predicate.ValueKind != JsonValueKind.Object)
            return "the predicate is not an object";
        if (Subjects.Select(subject => subject.Complaint()).FirstOrDefault(c => c is not null) is { } wrong)
            return wrong;
        return Subjects.GroupBy(subject => subject.Name).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? $"the subject's name '{twice.Key}' stands twice"
            : null;
    }
}
