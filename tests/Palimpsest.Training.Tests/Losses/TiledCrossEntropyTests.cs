namespace Palimpsest.Training.Tests;

public sealed class TiledCrossEntropyTests
{
    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(7, 13, null)]
    [InlineData(1, 1, null)]
    [InlineData(16, 50, 15.0)]
    public void Loss_and_gradients_equal_the_dense_ones(int rowTile, int vocabularyTile, double? softCap)
    {
        using var scope = NewDisposeScope();
        var random = new Generator(3);
        Tensor New(params long[] shape) => randn(shape, generator: random).requires_grad_(true);
        var (hidden, classifier, bias) = (New(20, 16), New(50, 16), New(50));
        var labels = randint(0, 50, [20], generator: random, dtype: ScalarType.Int64);
        var options = new TiledCrossEntropyOptions
        {
            RowTile = rowTile,
            VocabularyTile = vocabularyTile,
            SoftCap = softCap,
        };
        var weights = rand([20], generator: random);
        var (nll, _) = TiledCrossEntropy.Rows(hidden, classifier, labels, bias, options);
        (nll * weights).sum().backward();
        var own = new[] { hidden, classifier, bias }.Select(t => t.grad!.clone()).ToArray();
        foreach (var input in new[] { hidden, classifier, bias })
            input.grad = null;
        var logits = hidden.mm(classifier.t()) + bias;
        if (softCap is { } cap)
            logits = (logits / cap).tanh() * cap;
        var dense = nn.functional.cross_entropy(logits, labels, reduction: nn.Reduction.None);
        (dense * weights).sum().backward();
        AssertClose(dense, nll);
        foreach (var (expected, actual) in new[] { hidden, classifier, bias }.Select(t => t.grad!).Zip(own))
            AssertClose(expected, actual);
    }

    [Fact]
    public void The_sum_of_log_sum_exp_has_the_softmax_as_its_gradient()
    {
        using var scope = NewDisposeScope();
        var random = new Generator(4);
        var hidden = randn([6, 8], generator: random).requires_grad_(true);
        var classifier = randn([11, 8], generator: random);
        var (_, lse) = TiledCrossEntropy.Rows(
            hidden,
            classifier,
            zeros([6], ScalarType.Int64),
            options: new() { RowTile = 2, VocabularyTile = 4 }
        );
        lse.sum().backward();
        AssertClose(hidden.detach().mm(classifier.t()).softmax(-1).mm(classifier), hidden.grad!);
    }

    [Theory]
    [InlineData(1.5)]
    [InlineData(6.0)]
    public void The_gradient_of_log_sum_exp_under_a_soft_cap_equals_that_of_torch(double cap)
    {
        using var scope = NewDisposeScope();
        var random = new Generator(6);
        var (values, head) = (randn([6, 8], generator: random), randn([11, 8], generator: random));
        var (hidden, classifier) = (values.clone().requires_grad_(true), head.clone().requires_grad_(true));
        var (_, lse) = TiledCrossEntropy.Rows(
            hidden,
            classifier,
            zeros([6], ScalarType.Int64),
            options: new()
            {
                RowTile = 2,
                VocabularyTile = 4,
                SoftCap = cap,
            }
        );
        lse.sum().backward();
        var (x, c) = (values.clone().requires_grad_(true), head.clone().requires_grad_(true));
        ((x.mm(c.t()) / cap).tanh() * cap).logsumexp(-1).sum().backward();
        AssertClose(x.grad!, hidden.grad!);
        AssertClose(c.grad!, classifier.grad!);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(15.0)]
    public void A_frozen_head_gets_no_gradient_and_changes_none(double? softCap)
    {
        using var scope = NewDisposeScope();
        var random = new Generator(5);
        var labels = randint(0, 50, [20], generator: random, dtype: ScalarType.Int64);
        var (values, head) = (randn([20, 16], generator: random), randn([50, 16], generator: random));
        Tensor Gradient(bool learns)
        {
            var (hidden, classifier) = (values.clone().requires_grad_(true), head.clone().requires_grad_(learns));
            TiledCrossEntropy
                .Rows(
                    hidden,
                    classifier,
                    labels,
                    options: new()
                    {
                        RowTile = 7,
                        VocabularyTile = 13,
                        SoftCap = softCap,
                    }
                )
                .Nll.sum()
                .backward();
            Assert.Equal(learns, classifier.grad is not null);
            return hidden.grad!;
        }

        Assert.Equal(0, (Gradient(true) - Gradient(false)).abs().max().item<float>());
    }

    [Fact]
    public void A_frozen_head_of_many_entries_gives_the_gradients_of_the_dense_loss()
    {
        using var scope = NewDisposeScope();
        var random = new Generator(6);
        var hidden = randn([300, 16], generator: random).requires_grad_(true);
        var (classifier, bias) = (randn([30011, 16], generator: random), randn([30011], generator: random));
        var labels = randint(0, 30011, [300], generator: random, dtype: ScalarType.Int64);
        var (ofLoss, ofLse) = (rand([300], generator: random), rand([300], generator: random));
        var (nll, lse) = TiledCrossEntropy.Rows(hidden, classifier, labels, bias);
        (nll * ofLoss + lse * ofLse).sum().backward(retain_graph: true);
        var own = hidden.grad!.clone();
        (nll * ofLoss + lse * ofLse).sum().backward();
        AssertClose(own * 2, hidden.grad!);
        hidden.grad = null;
        var logits = nn.functional.linear(hidden, classifier, bias);
        var dense = nn.functional.cross_entropy(logits, labels, reduction: nn.Reduction.None);
        (dense * ofLoss + logits.logsumexp(-1) * ofLse).sum().backward();
        AssertClose(dense, nll);
        AssertClose(hidden.grad!, own);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 2)]
    public void What_a_sure_model_still_has_to_learn_is_not_lost_in_the_size_of_its_logits(int rowTile, int entryTile)
    {
        using var scope = NewDisposeScope();
        // The label's logit is 90 and the others 76: the gradient is that of probabilities of about 1e-6.
        var hidden = full([2, 1], 10f).requires_grad_(true);
        var classifier = tensor(new[] { 9f, 7.6f, 7.6f, 7.6f }).view(4, 1).requires_grad_(true);
        var options = new TiledCrossEntropyOptions { RowTile = rowTile, VocabularyTile = entryTile };
        var labels = zeros([2], ScalarType.Int64);
        var (nll, _) = TiledCrossEntropy.Rows(hidden, classifier, labels, options: options);
        nll.sum().backward();
        var (exactHidden, exactClassifier) = (
            hidden.detach().to(ScalarType.Float64).requires_grad_(true),
            classifier.detach().to(ScalarType.Float64).requires_grad_(true)
        );
        nn.functional.cross_entropy(exactHidden.mm(exactClassifier.t()), labels, reduction: nn.Reduction.Sum)
            .backward();
        AssertNear(exactHidden.grad!, hidden.grad!);
        AssertNear(exactClassifier.grad!, classifier.grad!);

        static void AssertNear(Tensor exact, Tensor found) =>
            Assert.True(((found.to(ScalarType.Float64) - exact).norm() / exact.norm()).item<double>() < 0.05);
    }

    [Fact]
    public void Labels_outside_the_vocabulary_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            TiledCrossEntropy.Rows(ones([2, 4]), ones([5, 4]), tensor(new long[] { 1, 5 }))
        );

    [Fact]
    public void Without_any_label_the_loss_is_zero_with_zero_gradients()
    {
        using var scope = NewDisposeScope();
        var hidden = ones([1, 3, 4]).requires_grad_(true);
        var loss = TiledCrossEntropy.Loss(
            hidden,
            ones([5, 4]),
            full([1, 3], -100L, ScalarType.Int64),
            LossReduction.TokenMean
        );
        loss.backward();
        Assert.Equal(0, loss.item<float>());
        Assert.Equal(0, hidden.grad!.abs().sum().item<float>());
    }

    private static void AssertClose(Tensor expected, Tensor actual) =>
        Assert.True(
            (expected - actual).abs().max().item<float>() <= 1e-5 * Math.Max(1, expected.abs().max().item<float>())
        );
}
