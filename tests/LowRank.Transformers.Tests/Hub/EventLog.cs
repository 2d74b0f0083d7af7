using System.Collections.Concurrent;
using LowRank.Transformers.Hub;

namespace LowRank.Transformers.Tests.Hub;

internal sealed class EventLog : IProgress<HubEvent>
{
    public ConcurrentQueue<HubEvent> Events { get; } = [];

    public void Report(HubEvent value) => Events.Enqueue(value);

    public int Count(HubStage stage) => Events.Count(item => item.Stage == stage);
}
