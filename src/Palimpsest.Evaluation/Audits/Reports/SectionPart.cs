using System.Text.Json.Serialization;

namespace Palimpsest.Evaluation;

/// <summary>A part of a report's card, as data: a page draws it, JSON keeps it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(TextPart), "text")]
[JsonDerivedType(typeof(TablePart), "table")]
[JsonDerivedType(typeof(BarsPart), "bars")]
[JsonDerivedType(typeof(CurvesPart), "curves")]
[JsonDerivedType(typeof(HistogramPart), "histogram")]
public abstract record SectionPart
{
    private protected SectionPart() { }
}
