namespace Weft.Net.Native;

/// <summary>Error numbers, the same on x64 and arm64.</summary>
internal static class Errno
{
    public const int NoDeviceOrAddress = 6;
    public const int Again = 11;
    public const int OutOfMemory = 12;
    public const int SystemFilesExhausted = 23;
    public const int FilesExhausted = 24;
    public const int Invalid = 22;
    public const int BrokenPipe = 32;
    public const int NameTooLong = 36;
    public const int ConnectionReset = 104;
    public const int NoBuffers = 105;
    public const int TimedOut = 110;
    public const int ConnectionRefused = 111;
    public const int InProgress = 115;
}

/// <summary>Event bits of epoll.</summary>
internal static class Epoll
{
    public const uint In = 0x001;
    public const uint Out = 0x004;
    public const uint Error = 0x008;
    public const uint HangUp = 0x010;
    public const uint PeerClosed = 0x2000;
    public const uint EdgeTriggered = 1u << 31;

    public const int CloseOnExec = 0x80000;
    public const int Add = 1;
    public const int Delete = 2;
}

/// <summary>Event bits of inotify.</summary>
internal static class Inotify
{
    public const uint CloseWrite = 0x008;
    public const uint MovedFrom = 0x040;
    public const uint MovedTo = 0x080;
    public const uint Created = 0x100;
    public const uint Deleted = 0x200;
}

/// <summary>Constants of the socket calls.</summary>
internal static class Sock
{
    public const int FamilyUnix = 1;
    public const int FamilyIPv4 = 2;
    public const int FamilyIPv6 = 10;

    public const int Stream = 1;
    public const int Datagram = 2;
    public const int NonBlock = 0x800;
    public const int CloseOnExec = 0x80000;

    public const int Peek = 0x2;
    public const int Truncated = 0x20;
    public const int NoSignal = 0x4000;
    public const int ShutdownWrite = 1;
    public const int DuplicateCloseOnExec = 1030;

    public const int LevelSocket = 1;
    public const int ReuseAddress = 2;
    public const int Error = 4;
    public const int ReceiveBuffer = 8;
    public const int KeepAlive = 9;
    public const int Linger = 13;
    public const int ReusePort = 15;
    public const int ReceiveBufferForce = 33;
    public const int Mark = 36;
    public const int ReceiveOverflow = 40;
    public const int MemoryInfo = 55;

    public const int LevelIP = 0;
    public const int IPFreeBind = 15;
    public const int IPPacketInfo = 8;

    /// <summary>SO_ORIGINAL_DST and IP6T_SO_ORIGINAL_DST.</summary>
    public const int OriginalDestination = 80;
    public const int IPTransparent = 19;
    public const int IPBindAddressNoPort = 24;

    public const int LevelIPv6 = 41;
    public const int IPv6Only = 26;
    public const int IPv6Transparent = 75;
    public const int IPv6FreeBind = 78;
    public const int IPv6ReceivePacketInfo = 49;
    public const int IPv6PacketInfo = 50;

    public const int LevelTcp = 6;
    public const int ProtocolMultipath = 262;
    public const int TcpNoDelay = 1;
    public const int TcpKeepIdle = 4;
    public const int TcpKeepInterval = 5;
    public const int TcpKeepCount = 6;
    public const int TcpFastOpen = 23;

    public const int OpenNonBlockCloseOnExec = 0x80800;
    public const int LimitOpenFiles = 7;
}
