#if MPI
    import CProcesses

    /// The processes that an MPI launcher (mpirun, srun) started.
    public final class MPIProcesses: ProcessGroup {
        /// The rank of this process in MPI_COMM_WORLD.
        public let rank: Int
        /// The number of processes in MPI_COMM_WORLD.
        public let count: Int
        /// The name of this process's machine, as MPI knows it.
        public let host: String

        /// Joins the job. This may happen once in a process's life; without a launcher the job has one process.
        public init() {
            egg_mpi_start()
            rank = Int(egg_mpi_rank())
            count = Int(egg_mpi_count())
            var name = [CChar](repeating: 0, count: 256)
            egg_mpi_host(&name)
            host = String(
                decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }

        /// The parts of all processes, by MPI_Allgatherv.
        public func allGather(_ part: [UInt8], sizes: [Int]) -> [UInt8] {
            let total = sizes.reduce(0, +)
            var starts: [Int32] = []
            var start: Int32 = 0
            for size in sizes {
                starts.append(start)
                start += Int32(size)
            }
            return [UInt8](unsafeUninitializedCapacity: total) { whole, filled in
                egg_mpi_all_gather(part, whole.baseAddress, sizes.map { Int32($0) }, starts)
                filled = total
            }
        }

        /// The parts of all processes in rank 0, which the others send it one by one.
        public func gather(_ part: [UInt8], sizes: [Int]) -> [UInt8] {
            guard isFirst else {
                egg_mpi_send(part, Int64(part.count), 0)
                return []
            }
            let total = sizes.reduce(0, +)
            return [UInt8](unsafeUninitializedCapacity: total) { whole, filled in
                guard var place = whole.baseAddress else { return }
                place.update(from: part, count: part.count)
                for (sender, size) in sizes.enumerated().dropFirst() {
                    place += sizes[sender - 1]
                    egg_mpi_receive(place, Int64(size), Int32(sender))
                }
                filled = total
            }
        }

        /// The bytes of rank 0 in every process, by MPI_Bcast.
        public func broadcast(_ bytes: [UInt8]) -> [UInt8] {
            var bytes = bytes
            egg_mpi_broadcast(&bytes, Int64(bytes.count))
            return bytes
        }

        /// Replaces each value by its sum over the processes, by MPI_Allreduce.
        public func sum(_ values: UnsafeMutableBufferPointer<Int32>) {
            egg_mpi_sum(values.baseAddress, Int64(values.count))
        }

        /// Leaves the job, by MPI_Finalize.
        public func finish() { egg_mpi_finish() }

        /// Prints the message and ends all processes, by MPI_Abort.
        public func abort(_ message: String) -> Never {
            LastWords.write("\(name(rank: rank, host: host)): \(message)")
            egg_mpi_abort(1)
        }
    }
#endif
