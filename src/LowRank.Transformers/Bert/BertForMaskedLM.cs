using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Encoders;
using TorchSharp;
using TorchSharp.Modules;

namespace LowRank.Transformers.Bert;

/// <summary>BERT as it is pre-trained: it guesses the tokens at masked places.</summary>
/// <remarks>
/// The output layer is the table of word embeddings, used a second time, and a bias of its own. Scores are computed for
/// the wanted places only: of a vocabulary of thousands, that is most of the work saved. BERT's authors trained a second
/// head together with this one, which tells whether two texts belong together (<c>BertForPreTraining</c>).
/// </remarks>
public sealed class BertForMaskedLM : torch.nn.Module<TokenBatch, torch.Tensor, torch.Tensor>
{
    private const string BiasPath = "cls.predictions.bias";

    private readonly BidirectionalEncoder _encoder;
    private readonly DenseLayer _dense;
    private readonly LayerNorm _norm;
    private readonly DenseLayer? _pooler;
    private readonly DenseLayer? _pairs;

    /// <summary>Makes a model whose weights are zeros until loaded or drawn by <c>Initialize</c>.</summary>
    /// <param name="config">The shape and rates; its labels do not matter here.</param>
    /// <param name="pairs">Whether it has the head that tells whether two texts belong together.</param>
    public BertForMaskedLM(BertConfig config, bool pairs = false)
        : base("BertForMaskedLM")
    {
        Config = Check.NotNull(config);
        _encoder = new(config);
        _dense = Layers.Linear(config.HiddenSize, config.HiddenSize);
        _norm = Layers.Norm(config.HiddenSize, config.LayerNormEpsilon);
        this.Place("bert", _encoder);
        this.Place("cls.predictions.transform.dense", _dense);
        this.Place("cls.predictions.transform.LayerNorm", _norm);
        this.PlaceParameter(BiasPath, Layers.Zeros(config.VocabularySize));
        if (pairs)
        {
            _pooler = Layers.Linear(config.HiddenSize, config.HiddenSize);
            _pairs = Layers.Linear(config.HiddenSize, 2);
            this.Place("bert.pooler.dense", _pooler);
            this.Place("cls.seq_relationship", _pairs);
        }
    }

    /// <summary>Gets whether the model has the head that tells whether two texts belong together.</summary>
    public bool HasPairs => _pairs is not null;

    /// <summary>Gets the model's shape and rates.</summary>
    public BertConfig Config { get; }

    /// <summary>Gets the encoder, for hidden states.</summary>
    public BidirectionalEncoder Encoder => _encoder;

    /// <summary>Scores every token of the vocabulary at some places.</summary>
    /// <param name="batch">Rows of token ids; borrowed.</param>
    /// <param name="places">Indices into the batch's tokens; shape <c>[places]</c>, int64; borrowed.</param>
    /// <returns>Logits, shape <c>[places, vocabulary]</c>; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">A row too long, or an id or type beyond its table.</exception>
    /// <exception cref="InvalidOperationException">Training mode with dropout, but the batch has no seed.</exception>
    public override torch.Tensor forward(TokenBatch batch, torch.Tensor places)
    {
        using var scope = torch.NewDisposeScope();
        return Words(_encoder.call(batch), places).MoveToOuterDisposeScope();
    }

    /// <summary>Scores every token at some places, and whether each row's two texts belong together.</summary>
    /// <param name="batch">Rows of two texts; borrowed.</param>
    /// <param name="places">Indices into the batch's tokens; shape <c>[places]</c>, int64; borrowed.</param>
    /// <returns>
    /// Logits <c>[places, vocabulary]</c>, and <c>[rows, 2]</c> for together and apart; the caller disposes them.
    /// </returns>
    /// <exception cref="ArgumentException">A row too long, or an id or type beyond its table.</exception>
    /// <exception cref="InvalidOperationException">The model has no such head, or lacks a dropout seed.</exception>
    public (torch.Tensor Words, torch.Tensor Pairs) ScorePairs(TokenBatch batch, torch.Tensor places)
    {
        Check.NotNull(batch);
        if (_pooler is null || _pairs is null)
        {
            throw new InvalidOperationException("This model was made without the head for pairs of texts.");
        }

        using var scope = torch.NewDisposeScope();
        var hidden = _encoder.call(batch);
        var pooled = _pooler.call(hidden.index_select(0, batch.FirstTokens)).tanh(); // [rows, hidden]
        return (Words(hidden, places).MoveToOuterDisposeScope(), _pairs.call(pooled).MoveToOuterDisposeScope());
    }

    /// <summary>Draws every parameter anew, as Hugging Face does for an untrained model.</summary>
    /// <param name="seed">The value all draws derive from, each under its parameter's name.</param>
    public void Initialize(Seed seed) =>
        Initialize(seed, [.. named_parameters().Select(parameter => parameter.name)]);

    /// <summary>
    /// Draws every parameter anew, for training from scratch: as <see cref="Initialize(Seed)"/>, but positions are waves
    /// and keys equal queries, so that each token looks at its neighbours and its likes from the start.
    /// </summary>
    /// <remarks>
    /// Trockman and Kolter 2023. It spares a small model the long time in which it guesses by frequency alone; the
    /// weights are ordinary ones, and trained like all others.
    /// </remarks>
    /// <param name="seed">The value all draws derive from, each under its parameter's name.</param>
    public void InitializeNearby(Seed seed)
    {
        Initialize(seed);
        InitialWeights.LookNearby(this, Config.Names, Config.InitializerRange);
    }

    internal void Initialize(Seed seed, IReadOnlyCollection<string> names) =>
        InitialWeights.Draw(this, seed, Config.InitializerRange, names);

    // Asked for at each use: moving the model makes another one.
    private Parameter Bias => get_parameter(BiasPath) ?? throw new InvalidOperationException($"The model has no {BiasPath}.");

    private torch.Tensor Words(torch.Tensor hidden, torch.Tensor places)
    {
        var wanted = hidden.index_select(0, places); // [places, hidden]
        var turned = _norm.call(Activations.Apply(Config.Activation, _dense.call(wanted)));
        return torch.nn.functional.linear(turned, _encoder.WordEmbeddings, Bias);
    }

    /// <inheritdoc/>
    /// <remarks>Parts are placed under their checkpoint paths; their fields' names must not add a second one.</remarks>
    protected override void RegisterComponents()
    {
    }
}
