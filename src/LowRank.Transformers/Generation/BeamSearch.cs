using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Transformers.Generation;

/// <summary>Follows the likeliest few continuations of each text and takes the best that ends.</summary>
/// <remarks>
/// As Hugging Face's beam search of transformers 5: of twice as many candidates as beams, those that end are kept aside
/// and the best others go on. A length counts the end token, and not the start token. (Version 4.4 counted the start token
/// instead, which favoured texts that were cut off at the greatest length.)
/// </remarks>
internal sealed class BeamSearch
{
    private const double Hopeless = -1e9;

    private readonly DecodingRun _run;
    private readonly GenerationOptions _options;
    private readonly int _end;

    private BeamSearch(DecodingRun run, GenerationOptions options, int end)
    {
        _run = run;
        _options = options;
        _end = end;
    }

    /// <summary>Writes the texts.</summary>
    /// <param name="run">The sources, with as many texts each as there are beams.</param>
    /// <param name="count">How many sources there are.</param>
    /// <param name="options">The number of beams, and when to end.</param>
    /// <param name="start">The start token.</param>
    /// <param name="end">The end token.</param>
    /// <param name="cancellation">Ends the writing between two tokens.</param>
    /// <returns>The ids of the best text of each source, start token included.</returns>
    public static int[][] Run(
        DecodingRun run, int count, GenerationOptions options, int start, int end, CancellationToken cancellation)
    {
        var search = new BeamSearch(run, options, end);
        var all = Enumerable.Range(0, count).Select(_ => new Beams(start, options)).ToArray();
        var open = all.ToList();
        for (var step = 0; step < options.MaximumLength && open.Count > 0; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            search.Step(open);
            int[] kept = [.. Enumerable.Range(0, open.Count).Where(i => !open[i].IsDone)];
            open = [.. kept.Select(i => open[i])];
            if (open.Count > 0)
            {
                run.SelectSources(kept);
            }
        }

        return [.. all.Select(beams => beams.Best())];
    }

    private void Step(List<Beams> open)
    {
        using var scope = torch.NewDisposeScope();
        int[][] texts = [.. open.SelectMany(beams => beams.Texts)];
        var scores = _run.Next(texts).log_softmax(-1); // [sources * beams, vocabulary]
        new TokenRules(_options, _end).Apply(scores, texts);
        var vocabulary = (int)scores.size(1);
        var sums = torch.tensor(open.SelectMany(beams => beams.Scores).Select(score => (float)score).ToArray());
        var (values, places) = (scores + sums.unsqueeze(1))
            .view(open.Count, _options.Beams * vocabulary)
            .topk(Math.Min(2 * _options.Beams, _options.Beams * vocabulary), 1);
        var flatValues = values.contiguous().ReadNumbers<float>();
        var flatPlaces = places.contiguous().ReadNumbers<long>();
        var each = (int)values.size(1);
        var parents = new List<int>();
        for (var i = 0; i < open.Count; i++)
        {
            var candidates = Enumerable.Range(i * each, each).Select(at => new Candidate(
                (int)(flatPlaces[at] / vocabulary), (int)(flatPlaces[at] % vocabulary), flatValues[at]));
            var first = i * _options.Beams;
            parents.AddRange(open[i].Take([.. candidates], _end).Select(beam => first + beam));
        }

        _run.SelectTexts(parents);
    }

    private readonly record struct Candidate(int Beam, int Token, double Score);

    private sealed class Beams
    {
        private readonly GenerationOptions _options;
        private readonly List<(double Score, int[] Text)> _ended = [];

        public Beams(int start, GenerationOptions options)
        {
            _options = options;
            Texts = [.. Enumerable.Range(0, options.Beams).Select(_ => new[] { start })];

            // All begin alike: only the first may go on from the start.
            Scores = [.. Enumerable.Range(0, options.Beams).Select(beam => beam == 0 ? 0 : Hopeless)];
        }

        public int[][] Texts { get; private set; }

        public double[] Scores { get; private set; }

        public bool IsDone { get; private set; }

        /// <summary>Goes on with the best candidates, falling in score; gives the beam that each comes from.</summary>
        public int[] Take(Candidate[] candidates, int end)
        {
            var going = new List<Candidate>();
            for (var rank = 0; rank < candidates.Length && going.Count < _options.Beams; rank++)
            {
                if (candidates[rank].Token != end)
                {
                    going.Add(candidates[rank]);
                }
                else if (rank < _options.Beams)
                {
                    var text = Texts[candidates[rank].Beam];
                    End([.. text, end], text.Length, candidates[rank].Score); // the end token in place of the start
                }
            }

            IsDone = _ended.Count >= _options.Beams
                && (_options.StopsEarly || Worst() >= Rated(candidates[0].Score, Texts[0].Length));
            Texts = [.. going.Select(candidate => (int[])[.. Texts[candidate.Beam], candidate.Token])];
            Scores = [.. going.Select(candidate => candidate.Score)];
            return [.. going.Select(candidate => candidate.Beam)];
        }

        public int[] Best()
        {
            if (!IsDone)
            {
                for (var beam = 0; beam < Texts.Length; beam++)
                {
                    End(Texts[beam], Texts[beam].Length - 1, Scores[beam]);
                }
            }

            return _ended.MaxBy(ended => ended.Score).Text;
        }

        private void End(int[] text, int length, double score)
        {
            var rated = Rated(score, length);
            if (_ended.Count < _options.Beams)
            {
                _ended.Add((rated, text));
            }
            else if (rated > Worst())
            {
                _ended[_ended.FindIndex(ended => ended.Score == Worst())] = (rated, text);
            }
        }

        private double Rated(double score, int length) => score / Math.Pow(length, _options.LengthPenalty);

        private double Worst() => _ended.Min(ended => ended.Score);
    }
}
