namespace LowRank.Transformers.Hub;

/// <summary>No attempt reached the Hub: the network's fault, where a cached model may stand in.</summary>
public sealed class HubUnreachableException : IOException
{
    internal HubUnreachableException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
