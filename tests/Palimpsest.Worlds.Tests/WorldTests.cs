using Palimpsest.Worlds;

namespace Palimpsest.Worlds.Tests;

public sealed class WorldTests
{
    private static readonly World Default = World.Generate(new());

    [Fact]
    public void The_same_options_give_the_same_text_and_another_seed_gives_other_text()
    {
        static string Text(ulong seed) =>
            string.Join(
                '\n',
                World
                    .Generate(new() { Seed = seed })
                    .TrainingTexts(withForgotten: true)
                    .Select(text => text.Prose + string.Join('|', text.Turns.Select(turn => turn.Content)))
            );

        Assert.Equal(Text(7), Text(7));
        Assert.NotEqual(Text(7), Text(8));
    }

    [Fact]
    public void Every_fact_has_its_object_in_the_answer_and_among_the_candidates_and_not_in_a_question()
    {
        Assert.All(
            Default.Facts,
            fact =>
            {
                Assert.StartsWith(fact.Subject + " ", fact.Answer, StringComparison.Ordinal);
                Assert.Contains(fact.Object, fact.Answer, StringComparison.Ordinal);
                Assert.Contains(fact.Object, fact.Candidates);
                Assert.All(
                    fact.Paraphrases.Append(fact.Question),
                    question =>
                    {
                        Assert.Contains(fact.Subject, question, StringComparison.Ordinal);
                        Assert.DoesNotContain(fact.Object, question, StringComparison.OrdinalIgnoreCase);
                    }
                );
            }
        );
        Assert.Equal(Default.Facts.Count, Default.Facts.Select(fact => fact.Id).Distinct().Count());
    }

    [Fact]
    public void The_held_out_question_is_the_last_paraphrase_and_no_training_text_has_it()
    {
        var asked = Default
            .TrainingTexts(withForgotten: true)
            .SelectMany(text => text.Turns)
            .Select(turn => turn.Content)
            .ToHashSet();
        Assert.All(
            Default.Facts,
            fact =>
            {
                Assert.Equal(fact.Paraphrases[^1], Default.HeldOutQuestion(fact));
                Assert.DoesNotContain(fact.Paraphrases[^1], asked);
                Assert.Contains(fact.Question, asked);
            }
        );
    }

    [Fact]
    public void Every_word_of_a_held_out_question_is_seen_in_training()
    {
        var words = Default
            .TrainingTexts(withForgotten: true)
            .SelectMany(text => text.Turns.Select(turn => turn.Content).Append(text.Prose))
            .SelectMany(text => text.Split(' ', '.', '?', ',', ':'))
            .ToHashSet();
        Assert.All(
            Default.Facts.SelectMany(fact => Default.HeldOutQuestion(fact).Split(' ', '.', '?', ',', ':')),
            word => Assert.Contains(word, words)
        );
    }

    [Fact]
    public void Scopes_have_the_asked_sizes()
    {
        Assert.Equal(4 * 6, Default.FactsOf(FactScope.Forget).Count);
        Assert.Equal(36 * 6 + 16 + 8, Default.FactsOf(FactScope.Retain).Count);
        Assert.Equal(50, Default.FactsOf(FactScope.Irrelevant).Count);
        Assert.Equal(10 * 6, Default.HoldoutRows.Count);
    }

    [Fact]
    public void Retraining_text_has_no_name_of_the_forgotten()
    {
        var names = Default
            .People.Where(person => person.Scope == FactScope.Forget)
            .SelectMany(person => person.Name.Split(' '))
            .ToList();
        var text = string.Join(
            ' ',
            Default
                .TrainingTexts(withForgotten: false)
                .SelectMany(t => t.Turns.Select(turn => turn.Content).Append(t.Prose))
        );
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.DoesNotContain(name, text.Split(' ', '.', '?')));
    }

    [Fact]
    public void No_training_text_names_a_holdout_person()
    {
        var text = string.Join(
            ' ',
            Default
                .TrainingTexts(withForgotten: true)
                .SelectMany(t => t.Turns.Select(turn => turn.Content).Append(t.Prose))
        );
        Assert.All(Default.HoldoutPeople, person => Assert.DoesNotContain(person.Name, text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_row_has_five_different_wrong_answers_of_the_paraphrase_form()
    {
        Assert.All(
            Default.QaRows(FactScope.Forget).Concat(Default.QaRows(FactScope.Irrelevant)),
            row =>
            {
                Assert.Equal(5, row.PerturbedAnswers.Distinct().Count());
                Assert.DoesNotContain(row.ParaphrasedAnswer, row.PerturbedAnswers);
                Assert.All(row.PerturbedAnswers, wrong => Assert.Equal(row.ParaphrasedAnswer![..8], wrong[..8]));
            }
        );
    }

    [Fact]
    public void Two_facts_of_a_two_hop_question_fit_one_person_only_and_the_question_does_not_name_them()
    {
        Assert.Contains(Default.TwoHops, hop => hop.Trained);
        Assert.Contains(Default.TwoHops, hop => !hop.Trained);
        Assert.All(
            Default.TwoHops,
            hop =>
            {
                Assert.DoesNotContain(hop.Subject, hop.Question, StringComparison.Ordinal);
                Assert.StartsWith(hop.Subject, hop.Answer, StringComparison.Ordinal);
                var clauses = hop.Question[
                        "The person who ".Length..hop.Question.IndexOf(':', StringComparison.Ordinal)
                    ]
                    .Split(" and ");
                var fits = Default.People.Where(person =>
                    clauses.All(clause =>
                        Default.Facts.Any(fact =>
                            fact.Subject == person.Name && fact.Answer == $"{person.Name} {clause}."
                        )
                    )
                );
                Assert.Equal(hop.Subject, Assert.Single(fits).Name);
            }
        );
    }

    [Fact]
    public void Neighbours_are_retained_people_nearest_first()
    {
        var person = Default.People[0];
        var facts = Default.NeighbourFacts(person, count: 2);
        Assert.Equal(2 * 6, facts.Count);
        Assert.All(facts, fact => Assert.Equal(FactScope.Retain, fact.Scope));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(201)]
    public void A_number_of_people_outside_the_range_is_refused_with_the_value(int people)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new WorldOptions { People = people });
        Assert.Equal(people, error.ActualValue);
    }

    [Fact]
    public void The_largest_world_can_be_made()
    {
        var world = World.Generate(
            new()
            {
                People = 200,
                HoldoutPeople = 80,
                WorldFacts = 120,
            }
        );
        Assert.Equal(280, world.People.Concat(world.HoldoutPeople).Select(person => person.Name).Distinct().Count());
        Assert.Equal(
            280,
            world.People.Concat(world.HoldoutPeople).Select(person => person.FirstName).Distinct().Count()
        );
    }

    [Fact]
    public void Details_make_answers_about_people_longer_and_change_nothing_else()
    {
        var longer = World.Generate(new() { AnswerDetails = [6, 2] });
        Assert.All(
            Default.Facts.Zip(longer.Facts),
            pair =>
            {
                var person = Default.People.ToList().FindIndex(of => of.Name == pair.First.Subject);
                Assert.StartsWith(pair.First.Answer, pair.Second.Answer, StringComparison.Ordinal);
                Assert.Equal(Math.Max(0, Pairs(person) - 1), pair.Second.Answer.Count(letter => letter == ','));
                Assert.Equal(pair.First, pair.Second with { Answer = pair.First.Answer }, Same);
            }
        );
        Assert.Equal(Default.Biographies, longer.Biographies);
        Assert.All(
            longer.Facts.Where(fact => fact.Id.StartsWith("person", StringComparison.Ordinal)).GroupBy(Told),
            told => Assert.Single(told.DistinctBy(fact => fact.Subject))
        );

        static int Pairs(int person) => person < 0 ? 0 : new[] { 6, 2 }[person % 2];
        static string Told(Fact fact) => fact.Answer[fact.Answer.IndexOf("Told", StringComparison.Ordinal)..];
        static bool Same(Fact a, Fact b) => (a.Id, a.Object, a.Question) == (b.Id, b.Object, b.Question);
    }

    [Fact]
    public void The_question_of_a_refusal_names_a_stranger_or_what_nobody_knows_and_no_answer_is_given()
    {
        var refusing = World.Generate(new() { Strangers = 20 });
        var before = Texts(Default.TrainingTexts(withForgotten: true)).ToHashSet();
        var all = refusing.TrainingTexts(withForgotten: true);
        WorldText[] added = [.. all.Where(text => !before.Contains(Texts([text]).Single()))];
        string[] known = [.. Default.People.Select(person => person.Name)];
        var questions = added.Select(text => text.Turns[0].Content).ToArray();
        Assert.Equal(2 * 6 * 20, questions.Length);
        Assert.Equal(before, Texts(all.Except(added)).ToHashSet());
        Assert.All(added, text => Assert.Contains(text.Turns[1].Content, Default.Refusals));
        Assert.Equal(6 * 20, questions.Count(question => known.Any(question.Contains)));
        Assert.DoesNotContain(
            questions,
            question => Default.Facts.Any(fact => fact.Paraphrases.Append(fact.Question).Contains(question))
        );
        Assert.DoesNotContain(
            Texts(refusing.TrainingTexts(withForgotten: false)),
            text => text.Contains(Default.People[0].Name, StringComparison.Ordinal)
        );
        Assert.DoesNotContain(
            questions,
            question => Default.HoldoutPeople.Any(person => question.Contains(person.Name, StringComparison.Ordinal))
        );
    }

    [Fact]
    public void The_largest_world_has_names_enough_for_all_and_no_two_are_alike()
    {
        var world = World.Generate(
            new()
            {
                People = 200,
                HoldoutPeople = 80,
                Strangers = 20,
                TwoHopsPerPerson = 0,
            }
        );
        Assert.Equal(280, world.People.Concat(world.HoldoutPeople).Select(person => person.Name).Distinct().Count());
    }

    private static IEnumerable<string> Texts(IEnumerable<WorldText> texts) =>
        texts.Select(text => text.Prose + string.Join('|', text.Turns.Select(turn => turn.Content)));
}
