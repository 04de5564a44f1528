namespace Palimpsest.Evaluation;

/// <summary>What a block of symbols costs in bits: stored, with the fixed code, or with a code of its own, whichever is
/// least.</summary>
internal static class ZlibBlock
{
    private const int EndOfBlock = 256;
    private const int FirstLength = 257;
    private const int Header = 3;

    private static readonly int[] LengthExtra =
    [
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        1,
        1,
        1,
        1,
        2,
        2,
        2,
        2,
        3,
        3,
        3,
        3,
        4,
        4,
        4,
        4,
        5,
        5,
        5,
        5,
        0,
    ];
    private static readonly int[] DistanceExtra =
    [
        0,
        0,
        0,
        0,
        1,
        1,
        2,
        2,
        3,
        3,
        4,
        4,
        5,
        5,
        6,
        6,
        7,
        7,
        8,
        8,
        9,
        9,
        10,
        10,
        11,
        11,
        12,
        12,
        13,
        13,
    ];
    private static readonly int[] CodeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    /// <summary>Bits written so far after this block.</summary>
    /// <param name="symbols">The block's symbols.</param>
    /// <param name="bytes">Bytes of text that they stand for.</param>
    /// <param name="bitsBefore">Bits written before it.</param>
    public static long End(IReadOnlyList<ZlibSymbol> symbols, int bytes, long bitsBefore)
    {
        var literals = new int[FirstLength + LengthExtra.Length];
        var distances = new int[DistanceExtra.Length];
        var extra = 0L;
        foreach (var symbol in symbols)
        {
            if (symbol.Distance == 0)
            {
                literals[symbol.Length]++;
                continue;
            }

            var (length, distance) = (LengthCode(symbol.Length), DistanceCode(symbol.Distance));
            literals[FirstLength + length]++;
            distances[distance]++;
            extra += LengthExtra[length] + DistanceExtra[distance];
        }

        literals[EndOfBlock] = 1;
        var own = extra + OwnCode(literals, distances);
        var fixedCode =
            extra
            + 5L * distances.Sum()
            + literals.Index().Sum(symbol => (long)symbol.Item * FixedLength(symbol.Index));
        long Bytes(long bits) => (bits + Header + 7) >> 3;
        var least = Math.Min(Bytes(own), Bytes(fixedCode));
        if (bytes + 4 <= least)
            return (((bitsBefore + Header + 7) >> 3) + 4 + bytes) << 3;
        return bitsBefore + Header + (Bytes(fixedCode) == least ? fixedCode : own);
    }

    private static int FixedLength(int symbol) =>
        symbol switch
        {
            < 144 => 8,
            < 256 => 9,
            < 280 => 7,
            _ => 8,
        };

    private static long OwnCode(int[] literals, int[] distances)
    {
        var (literalLengths, distanceLengths) = (ZlibTree.Lengths(literals, 15), ZlibTree.Lengths(distances, 15));
        var runs = new int[CodeOrder.Length];
        CountRuns(literalLengths, runs);
        CountRuns(distanceLengths, runs);
        var runLengths = ZlibTree.Lengths(runs, 7);
        int LengthOf(int code) => code < runLengths.Length && runs[code] > 0 ? runLengths[code] : 0;
        var sent = CodeOrder.Length;
        while (sent > 4 && (CodeOrder[sent - 1] >= runLengths.Length || runLengths[CodeOrder[sent - 1]] == 0))
            sent--;
        var header =
            3L * sent
            + 5
            + 5
            + 4
            + runs.Index().Sum(run => (long)run.Item * (LengthOf(run.Index) + RunExtra(run.Index)));
        return header + Cost(literals, literalLengths) + Cost(distances, distanceLengths);
    }

    private static int RunExtra(int code) =>
        code switch
        {
            16 => 2,
            17 => 3,
            18 => 7,
            _ => 0,
        };

    private static long Cost(int[] frequencies, int[] lengths) =>
        lengths.Index().Sum(length => (long)length.Item * frequencies[length.Index]);

    private static void CountRuns(int[] lengths, int[] runs)
    {
        var (before, count) = (-1, 0);
        var (most, least) = lengths[0] == 0 ? (138, 3) : (7, 4);
        for (var i = 0; i < lengths.Length; i++)
        {
            var (length, next) = (lengths[i], i + 1 < lengths.Length ? lengths[i + 1] : -1);
            if (++count < most && length == next)
                continue;
            if (count < least)
                runs[length] += count;
            else if (length == 0)
                runs[count <= 10 ? 17 : 18]++;
            else
                (runs[length], runs[16]) = (runs[length] + (length == before ? 0 : 1), runs[16] + 1);
            (before, count) = (length, 0);
            if (next == 0)
                (most, least) = (138, 3);
            else
                (most, least) = length == next ? (6, 3) : (7, 4);
        }
    }

    private static int LengthCode(int length) => length == 258 ? LengthExtra.Length - 1 : Code(length - 3, LengthExtra);

    private static int DistanceCode(int distance) => Code(distance - 1, DistanceExtra);

    private static int Code(int value, int[] extra)
    {
        var code = 0;
        for (; value >= 1 << extra[code]; code++)
            value -= 1 << extra[code];
        return code;
    }
}
