namespace Palimpsest.Unlearning.Tests;

public sealed class CatalogTests
{
    public static TheoryData<string> Ids => [.. Catalog.All.Select(entry => entry.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_line_makes_the_method_of_its_id_from_its_default_options(string id)
    {
        var entry = Catalog.Find(id);
        Assert.Equal(id, entry.Create(Activator.CreateInstance(entry.OptionsType)!).Id);
        Assert.Matches(@"^\d{4}\.\d{5}$", entry.ArXiv);
        Assert.NotEmpty(entry.Title);
    }

    [Fact]
    public void No_two_lines_share_an_id() =>
        Assert.Equal(Catalog.All.Count, Catalog.All.Select(entry => entry.Id).Distinct().Count());

    [Fact]
    public void Every_objective_of_the_library_has_a_line_but_the_comparison_loss()
    {
        var objectives = typeof(Catalog)
            .Assembly.GetTypes()
            .Where(type => type.IsClass && type.IsAssignableTo(typeof(IForgetObjective)));
        var listed = Catalog
            .All.Select(entry => entry.OptionsType.Name.Replace("Options", "", StringComparison.Ordinal))
            .ToHashSet();
        Assert.Equal(
            [nameof(AscentWithForgetKl)],
            objectives.Select(type => type.Name).Where(name => !listed.Contains(name))
        );
    }

    [Theory]
    [InlineData("nop-rt", "npo-rt")]
    [InlineData("GradDif", "graddiff")]
    [InlineData("sim-npo", "simnpo")]
    public void An_unknown_method_is_refused_with_the_nearest_one(string typed, string near)
    {
        var error = Assert.Throws<InputException>(() => Catalog.Find(typed));
        Assert.StartsWith(
            $"Unknown method '{typed}', perhaps '{near}'; there are: ga, ",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_name_that_is_near_to_none_is_refused_with_the_list_alone() =>
        Assert.StartsWith(
            "Unknown method 'backpropagation'; there are: ga, ",
            Assert.Throws<InputException>(() => Catalog.Find("backpropagation")).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_setting_that_would_have_no_effect_is_refused()
    {
        static string Error(string id, object options) =>
            Assert.Throws<InputException>(() => Catalog.Find(id).Create(options)).Message;

        Assert.StartsWith(
            "ga: RetainWeight is 2.5,",
            Error("ga", new GradientAscentOptions { RetainWeight = 2.5 }),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "npo-rt: KlOver is RealTokens,",
            Error("npo-rt", new NpoOptions { KlOver = KlPositions.RealTokens }),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "npo: Retain is Kl;",
            Error("npo", new NpoOptions { Retain = RetainTerm.Kl }),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "npo: every weight is 0",
            Error("npo", new NpoOptions { ForgetWeight = 0 }),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void What_a_method_says_it_refuses_is_what_the_catalogue_refuses(string id)
    {
        var entry = Catalog.Find(id);
        bool Takes(string property, object value)
        {
            var options = Activator.CreateInstance(entry.OptionsType)!;
            entry.OptionsType.GetProperty(property)!.SetValue(options, value);
            try
            {
                entry.Create(options);
                return true;
            }
            catch (InputException)
            {
                return false;
            }
        }

        var refused = entry.CreateDefault().RefusedSettings;
        if (!entry.OptionsType.IsSubclassOf(typeof(ForgetOptions)))
        {
            Assert.Empty(refused);
            return;
        }

        List<string> expected = [nameof(ForgetOptions.Retain)];
        if (!Takes(nameof(ForgetOptions.RetainWeight), 2.5))
            expected.Add(nameof(ForgetOptions.RetainWeight));
        if (!Enum.GetValues<KlPositions>().All(over => Takes(nameof(ForgetOptions.KlOver), over)))
            expected.Add(nameof(ForgetOptions.KlOver));
        Assert.Equal(expected, refused);
    }

    [Fact]
    public void SimNpo_has_its_authors_forget_weight() => Assert.Equal(0.125, new SimNpoOptions().ForgetWeight);

    [Theory]
    [InlineData("ga", false, false)]
    [InlineData("npo", false, false)]
    [InlineData("npo-kl", true, false)]
    [InlineData("graddiff", true, false)]
    [InlineData("dpo", false, true)]
    [InlineData("dpo-rt", true, true)]
    [InlineData("idk", true, true)]
    [InlineData("loku", true, false)]
    [InlineData("codeeraser", true, false)]
    [InlineData("uld", true, true)]
    [InlineData("whp", false, false)]
    [InlineData("dp2unlearning", true, false)]
    public void A_method_says_which_rows_it_reads(string id, bool retain, bool alternates)
    {
        var method = Catalog.Find(id).CreateDefault();
        Assert.Equal((retain, alternates), (method.ReadsRetain, method.ReadsAlternates));
    }
}
