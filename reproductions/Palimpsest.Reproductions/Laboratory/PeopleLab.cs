namespace Palimpsest.Reproductions;

/// <summary>What the reproductions about unlearning share: people with answers of four lengths, eight of whom ask to be
/// forgotten, and strangers about whom models learnt to say that they know nothing.</summary>
public static class PeopleLab
{
    /// <summary>The world; the seed is put in.</summary>
    public static WorldOptions World { get; } =
        new()
        {
            People = 24,
            HoldoutPeople = 0,
            ForgetShare = 1.0 / 3,
            WorldFacts = 20,
            AnswerDetails = [0, 4, 9, 16],
            Strangers = 12,
        };

    /// <summary>Size and training of its models; the seed is put in.</summary>
    public static WorkbenchOptions Models { get; } = new() { Epochs = 11 };

    /// <summary>Both in words.</summary>
    public static string Words { get; } =
        "24 people, 8 of whom are to be forgotten (48 answers), 0.9M-parameter models that also learnt to refuse 144 "
        + "questions: 72 about strangers, 72 about what nobody knows of the people that are known.";
}
