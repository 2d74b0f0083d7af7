using static TorchSharp.torch;

namespace LowRank.Tensors;

/// <summary>Orthonormal frames: tall matrices with orthonormal columns.</summary>
internal static class Frames
{
    /// <summary>The Q factor of a tall matrix, with signs chosen so that R's diagonal is not negative.</summary>
    /// <remarks>The sign choice makes the result unique, and uniform (Haar) when the matrix is Gaussian.</remarks>
    public static Tensor Orthonormalize(Tensor tall) => Decompose(tall).Frame;

    /// <summary>The thin QR factors of a tall matrix, with a diagonal of R that is not negative.</summary>
    public static (Tensor Frame, Tensor Triangle) Decompose(Tensor tall)
    {
        using var scope = NewDisposeScope();
        var (q, r) = linalg.qr(tall);
        var signs = where(r.diagonal() < 0, -ones_like(r.diagonal()), ones_like(r.diagonal()));
        return (
            (q * signs).MoveToOuterDisposeScope(),
            (r * signs.unsqueeze(1)).MoveToOuterDisposeScope());
    }

    /// <summary>The complement of a frame: the columns that complete it to a square orthogonal matrix.</summary>
    public static Tensor Complement(Tensor frame)
    {
        using var scope = NewDisposeScope();
        var (q, _) = linalg.qr(frame, linalg.QRMode.Complete);
        var width = frame.shape[1];
        return q.narrow(1, width, frame.shape[0] - width).MoveToOuterDisposeScope();
    }
}
