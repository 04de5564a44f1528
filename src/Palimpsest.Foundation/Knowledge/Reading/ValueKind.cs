namespace Palimpsest.Foundation;

/// <summary>What a fact's value is, as far as its writing tells.</summary>
public enum ValueKind
{
    /// <summary>A town, a country, a street: capitalised words.</summary>
    Place,

    /// <summary>Somebody's name.</summary>
    Person,

    /// <summary>The name of a company, a school, a club or a prize.</summary>
    Organisation,

    /// <summary>The title of a book, a song or another work, quoted or capitalised.</summary>
    Work,

    /// <summary>A trade, an animal, an instrument: an article and one to five words.</summary>
    Role,

    /// <summary>Anything else in one to five words.</summary>
    Thing,

    /// <summary>A day, as 12 May 1961, May 12, 1961 or 1961-05-12.</summary>
    Date,

    /// <summary>A year from 1000 to 2099.</summary>
    Year,

    /// <summary>A whole number below a million in figures, or one to twenty in words.</summary>
    Number,
}
