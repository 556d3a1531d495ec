using System.Runtime.Versioning;

// One test lowers the process's limit of descriptors, another raises signals: they run one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: SupportedOSPlatform("linux")]
