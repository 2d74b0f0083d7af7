using Xunit.Sdk;
using Xunit.v3;

// One test at a time: a collection started by another test's thread could free a scalar that TorchSharp still uses
// in a native call (see build/TorchNative.targets).
[assembly: Parallelization(Mode = ParallelMode.None)]
