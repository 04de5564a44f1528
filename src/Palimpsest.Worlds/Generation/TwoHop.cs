namespace Palimpsest.Worlds;

/// <summary>A question that names a person only by two facts which no one else shares.</summary>
/// <param name="Scope">The person's scope.</param>
/// <param name="Subject">The person that is not named.</param>
/// <param name="Relation">What is asked.</param>
/// <param name="Question">"The person who … and …: what is their …?"</param>
/// <param name="Answer">The full answer, which names the person first.</param>
/// <param name="Object">The value that is asked for.</param>
/// <param name="Trained">False for those that no model is trained on.</param>
public sealed record TwoHop(
    FactScope Scope,
    string Subject,
    string Relation,
    string Question,
    string Answer,
    string Object,
    bool Trained
);
